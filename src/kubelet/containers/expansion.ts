/**
 * Replaces `$(NAME)`; `$$` is a dollar sign; names that are not known stay as written.
 * @param value of a name, undefined when there is none. Upstream: third_party/forked/golang/expansion
 */
export function expand(text: string, value: (name: string) => string | undefined): string {
  return text.replace(/\$(?:\$|\(([^)]*)\))/g, (whole: string, name: string | undefined) => (name === undefined ? "$" : (value(name) ?? whole)));
}

/** Like `expand`; lists the names that are not known. */
export function expandStrictly(
  text: string,
  value: (name: string) => string | undefined,
): { readonly text: string; readonly missing: readonly string[] } {
  const missing: string[] = [];
  const expanded = expand(text, (name) => {
    const found = value(name);
    if (found === undefined) missing.push(name);
    return found;
  });
  return { text: expanded, missing };
}
