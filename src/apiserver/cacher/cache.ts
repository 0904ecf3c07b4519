import type { Change, Entry, Revision } from "#storage/store.ts";
import { CacheEvent } from "./event.ts";
import { Item, writtenItem } from "./item.ts";
import { Ring } from "./ring.ts";
import { Wakers } from "./wakers.ts";

/** All objects of one resource in key order, and their last changes. Filled by the `Feed` only. */
export class Cache {
  readonly prefix: string;
  readonly ring: Ring;
  readonly #items = new Map<string, Item>();
  #sorted: Item[] = [];
  readonly #listeners = new Set<() => void>();
  /** Of watchers: they are told after whoever wrote. */
  readonly wakers: Wakers = new Wakers();
  #changed: Revision;
  #bytes = 0;

  /** @param events how many of its last changes are kept, at most */
  constructor(prefix: string, revision: Revision, events?: number) {
    this.prefix = prefix;
    this.ring = new Ring(revision, events);
    this.#changed = revision;
  }

  get size(): number {
    return this.#sorted.length;
  }

  /** Of one object as JSON; 0 where there is none. */
  get averageBytes(): number {
    return this.#sorted.length === 0 ? 0 : this.#bytes / this.#sorted.length;
  }

  /** The revision of the newest change: until then, the contents are those of any later revision too. */
  get changed(): Revision {
    return this.#changed;
  }

  get(key: string): Item | undefined {
    return this.#items.get(key);
  }

  /** Objects whose key starts with `range` and is greater than `after`, in key order. A snapshot. */
  list(range: string, after = ""): Item[] {
    const start = after > range ? this.#place(after, true) : this.#place(range, false);
    const end = range === this.prefix ? this.#sorted.length : this.#place(`${range}\uffff`, false);
    return this.#sorted.slice(start, end);
  }

  /** Calls `listen` after each batch of changes, before whoever wrote is answered: for what the server itself makes of them. Returns how to stop. */
  onChange(listen: () => void): () => void {
    this.#listeners.add(listen);
    return () => this.#listeners.delete(listen);
  }

  apply(change: Change): void {
    const { key } = change.type === "put" ? change.entry : change.previous;
    const previous = this.#items.get(key);
    const item = change.type === "put"
      ? writtenItem(this.prefix, key, change.entry.value, change.entry.modified)
      : new Item(this.prefix, key, change.previous.value, change.revision);
    if (change.type === "put") this.#set(item, previous);
    else this.#remove(key);
    this.#bytes += (change.type === "put" ? item.json.length : 0) - (previous?.json.length ?? 0);
    this.#changed = item.revision;
    this.ring.push(new CacheEvent(this.prefix, item, previous, change.type === "delete"));
  }

  /** Starts again from what stands in the store; every watcher is cut. */
  reset(entries: readonly Entry[], revision: Revision): void {
    this.#items.clear();
    this.#sorted = entries.map((e) => new Item(this.prefix, e.key, e.value, e.modified));
    for (const item of this.#sorted) this.#items.set(item.key, item);
    this.#bytes = this.#sorted.reduce((sum, item) => sum + item.json.length, 0);
    this.#changed = revision;
    this.ring.reset(revision);
    this.wake();
  }

  wake(): void {
    for (const listen of this.#listeners) listen();
    this.wakers.wake();
  }

  #set(item: Item, previous: Item | undefined): void {
    this.#items.set(item.key, item);
    const at = this.#place(item.key, false);
    this.#sorted.splice(at, previous === undefined ? 0 : 1, item);
  }

  #remove(key: string): void {
    if (this.#items.delete(key)) this.#sorted.splice(this.#place(key, false), 1);
  }

  /** Where `key` stands or would stand; behind it with `behind`. */
  #place(key: string, behind: boolean): number {
    let low = 0;
    let high = this.#sorted.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const at = (this.#sorted[middle] as Item).key;
      if (at < key || (behind && at === key)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
