import type { Revision, Store } from "#storage/store.ts";
import type { Event, Witness } from "./witness.ts";

interface Maybe { readonly key: string; readonly after: Revision }

/** What was written. Of a deletion whose outcome nobody knows, only who was told of it can say when it was. */
export class Written {
  unknown = 0;
  #newest: Revision = 0;
  readonly #acknowledged: Event[] = [];
  readonly #deletions: Maybe[] = [];

  get count(): number {
    return this.#acknowledged.length;
  }

  get newest(): Revision {
    return this.#newest;
  }

  add(event: Event): void {
    this.#newest = Math.max(this.#newest, event.revision);
    this.#acknowledged.push(event);
  }

  /** Looks whether it was written; answers where the key stands now. */
  async lookUp(store: Store, key: string, value: string | undefined, was: Revision): Promise<Revision> {
    this.unknown++;
    const modified = (await store.get(key)).entry?.modified ?? 0;
    if (modified !== was && value !== undefined) this.add({ revision: modified, key, value });
    if (modified !== was && value === undefined) this.#deletions.push({ key, after: was });
    return modified;
  }

  /** In the order of revisions. */
  history(witnesses: readonly Witness[]): readonly Event[] {
    const deleted = this.#deletions.flatMap(({ key, after }) => toldOf(witnesses, key, after) ?? []);
    return [...this.#acknowledged, ...deleted].toSorted((a, b) => a.revision - b.revision);
  }
}

/** The first deletion of a key after a revision. */
function toldOf(witnesses: readonly Witness[], key: string, after: Revision): Event | undefined {
  const told = witnesses.flatMap(({ stretches }) => stretches.flatMap((stretch) => stretch.told.filter((event) => event.key === key && event.value === undefined && event.revision > after)));
  return told.toSorted((a, b) => a.revision - b.revision)[0];
}
