/** In which order the elements of two merged lists stand. Upstream: strategicpatch normalizeElementOrder */

/** What makes an element itself: its merge key's value, or a primitive as it is. */
export type Identity = (element: unknown) => unknown;

/**
 * Elements that the user named stand in the user's order. What only the server has keeps its place: before the first
 * named element which followed it on the server.
 * @param named elements of the result that stand in `order`
 */
export function arrange(merged: readonly unknown[], order: readonly unknown[], server: readonly unknown[], identity: Identity): unknown[] {
  const wanted = positions(order, identity);
  const before = positions(server, identity);
  const place = (element: unknown, among: ReadonlyMap<unknown, number>): number => among.get(identity(element)) ?? -1;
  const named = merged.filter((e) => place(e, wanted) >= 0).sort((a, b) => place(a, wanted) - place(b, wanted));
  const others = merged.filter((e) => place(e, wanted) < 0).sort((a, b) => place(a, before) - place(b, before));
  const result: unknown[] = [];
  let next = 0;
  for (const element of named) {
    const limit = place(element, before);
    while (next < others.length && place(others[next], before) < limit) result.push(others[next++]);
    result.push(element);
  }
  return [...result, ...others.slice(next)];
}

/** The first position of each identity. */
function positions(list: readonly unknown[], identity: Identity): Map<unknown, number> {
  const found = new Map<unknown, number>();
  for (const [i, element] of list.entries()) if (!found.has(identity(element))) found.set(identity(element), i);
  return found;
}

/** True when the elements of `list` come in the order in which `order` names them, and it names all of them. */
export function follows(list: readonly unknown[], order: readonly unknown[], identity: Identity): boolean {
  const wanted = positions(order, identity);
  const places = list.map((e) => wanted.get(identity(e)) ?? -1);
  return places.every((place, i) => place >= 0 && (i === 0 || place >= (places[i - 1] ?? 0)));
}
