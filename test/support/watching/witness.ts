import type { Change, Revision, Step, Store } from "#storage/store.ts";

/** A change as it is compared: at which revision which key became what. */
export interface Event { readonly revision: Revision; readonly key: string; readonly value: string | undefined }

const text = (value: Uint8Array): string => Buffer.from(value).toString();
const eventOf = (change: Change): Event => (change.type === "put"
  ? { revision: change.entry.modified, key: change.entry.key, value: text(change.entry.value) }
  : { revision: change.revision, key: change.previous.key, value: undefined });
const shown = ({ revision, key, value }: Event): string => `${revision} ${key} ${value ?? "deleted"}`;
const same = (a: Event | undefined, b: Event): boolean => a?.revision === b.revision && a.key === b.key && a.value === b.value;

/** What is wrong, the first twenty of it. */
export class Complaints {
  readonly lines: string[] = [];

  add(who: string, what: string): void {
    if (this.lines.length < 20) this.lines.push(`${who}: ${what}`);
  }
}

/** From a list to the next: what was told of the time after it. */
interface Stretch { readonly from: Revision; to: Revision; readonly told: Event[] }

/** One who follows all keys, and notices what is lost, doubled or out of order. */
export class Witness {
  readonly name: string;
  readonly stretches: Stretch[] = [];
  readonly #complaints: Complaints;
  readonly #keys = new Map<string, Revision>();

  constructor(name: string, complaints: Complaints) {
    this.name = name;
    this.#complaints = complaints;
  }

  /** It has been told everything up to here. */
  get at(): Revision {
    return this.stretches.at(-1)?.to ?? 0;
  }

  get told(): number {
    return this.stretches.reduce((sum, { told }) => sum + told.length, 0);
  }

  async relist(store: Store, prefix: string): Promise<void> {
    const { entries, revision } = await store.list(prefix);
    if (revision < this.at) this.#complaints.add(this.name, `a list of revision ${revision} after ${this.at}`);
    this.#keys.clear();
    for (const { key, modified } of entries) this.#keys.set(key, modified);
    this.stretches.push({ from: revision, to: revision, told: [] });
  }

  take({ changes, upTo }: Step): void {
    const stretch = this.stretches.at(-1);
    if (stretch === undefined) throw new Error("nothing was listed before");
    for (const change of changes) this.#take(change, stretch);
    if (upTo < stretch.to) this.#complaints.add(this.name, `told up to ${upTo} after ${stretch.to}`);
    stretch.to = upTo;
  }

  #take(change: Change, stretch: Stretch): void {
    const event = eventOf(change);
    const [replaced, was] = [change.previous?.modified, this.#keys.get(event.key)];
    if (event.revision <= stretch.to) this.#complaints.add(this.name, `${shown(event)} came after ${stretch.to}`);
    else if (replaced !== was) this.#complaints.add(this.name, `${shown(event)} replaced ${replaced}, and ${was} was there`);
    if (change.type === "put") this.#keys.set(event.key, event.revision);
    else this.#keys.delete(event.key);
    stretch.told.push(event);
    stretch.to = Math.max(stretch.to, event.revision);
  }

  /** Compares what it was told with what happened, in the order of revisions, and what it thinks is there with what is. */
  async judge(history: readonly Event[], store: Store, prefix: string): Promise<void> {
    for (const { from, to, told } of this.stretches) {
      const happened = history.slice(firstAfter(history, from), firstAfter(history, to));
      const at = happened.findIndex((event, i) => !same(told[i], event));
      const missing = happened[at];
      if (missing !== undefined) this.#complaints.add(this.name, `was not told of ${shown(missing)}, after a list of ${from}`);
      else if (told.length > happened.length) this.#complaints.add(this.name, `was told ${told.length} changes of ${happened.length}`);
    }
    const { entries } = await store.list(prefix);
    const differs = entries.length !== this.#keys.size || entries.some(({ key, modified }) => this.#keys.get(key) !== modified);
    if (differs) this.#complaints.add(this.name, "ended with other keys than the store");
  }
}

/** The index of the first event that is newer. */
function firstAfter(events: readonly Event[], revision: Revision): number {
  let [low, high] = [0, events.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((events[middle]?.revision ?? 0) <= revision) low = middle + 1;
    else high = middle;
  }
  return low;
}
