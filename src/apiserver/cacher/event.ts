import type { Revision } from "#storage/store.ts";
import type { Item } from "./item.ts";

/** What a reader wants to see. `matches` is left out where everything in the range is wanted. */
export interface Selection {
  /** Start of the keys. */
  readonly range: string;
  readonly matches?: (item: Item) => boolean;
}

/** Whether the item is among what a watcher or list has asked for. */
export const selects = (selection: Selection, item: Item): boolean =>
  item.key.startsWith(selection.range) && (selection.matches?.(item) ?? true);

/** One change as a certain watcher sees it. `frames` holds encodings that watchers with the same view share. */
export interface Delivery {
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly item: Item;
  readonly frames: Map<string, Buffer>;
}

/** One change of one key. Of a deletion, `item` is the last state with the revision of the deletion. */
export class CacheEvent {
  readonly item: Item;
  readonly previous: Item | undefined;
  readonly deleted: boolean;
  readonly #prefix: string;
  /** Encoded once per view and type, not once per watcher; undefined when those who follow have had them. */
  #frames: Map<string, Buffer> | undefined = new Map();
  #left: Item | undefined;

  constructor(prefix: string, item: Item, previous: Item | undefined, deleted: boolean) {
    this.#prefix = prefix;
    this.item = item;
    this.previous = previous;
    this.deleted = deleted;
  }

  get revision(): Revision {
    return this.item.revision;
  }

  /**
   * How a watcher with this selection sees the change; undefined when it does not.
   * An object that no longer matches goes away, in its old state with the new revision.
   * Upstream: apiserver/pkg/storage/cacher/cache_watcher.go convertToWatchEvent
   */
  deliver(selection: Selection): Delivery | undefined {
    if (!this.item.key.startsWith(selection.range)) return undefined;
    const before = this.previous !== undefined && (selection.matches?.(this.previous) ?? true);
    const now = !this.deleted && (selection.matches?.(this.item) ?? true);
    const frames = this.#frames ?? new Map<string, Buffer>();
    if (now) return { type: before ? "MODIFIED" : "ADDED", item: this.item, frames };
    if (!before) return undefined;
    return { type: "DELETED", item: this.deleted ? this.item : this.#leaving(this.previous), frames };
  }

  /** From now on every watcher that comes by encodes for itself. */
  forgetFrames(): void {
    this.#frames = undefined;
  }

  #leaving(previous: Item): Item {
    return (this.#left ??= previous.at(this.#prefix, this.revision));
  }
}
