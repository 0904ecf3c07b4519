import type { KubeObject } from "#apimachinery/meta.ts";
import type { ResourceRef } from "#api/resources.ts";
import type { Feed } from "../../cacher/feed.ts";
import type { Item } from "../../cacher/item.ts";
import { prefixOf } from "../../cacher/keys.ts";
import { Watcher } from "../../cacher/watcher.ts";

/** `from` may be read by whoever may read `to`. */
export type Edge = readonly [from: string, to: string];

/** The edges that the objects of one resource make. Follows the watch cache when it is asked, not by itself. */
export class Edges<T extends KubeObject> {
  readonly #feed: Feed;
  readonly #prefix: string;
  readonly #edgesOf: (object: T) => Iterable<Edge>;
  readonly #known = new Map<string, readonly Edge[]>();
  /** How many objects make an edge. */
  readonly #counts = new Map<string, Map<string, number>>();
  #watcher: Watcher | undefined;

  constructor(feed: Feed, { group, resource }: ResourceRef<T>, edgesOf: (object: T) => Iterable<Edge>) {
    this.#feed = feed;
    this.#prefix = prefixOf({ group, plural: resource });
    this.#edgesOf = edgesOf;
  }

  has(from: string, to: string): boolean {
    this.#follow();
    return this.#counts.get(from)?.has(to) ?? false;
  }

  from(from: string): Iterable<string> {
    this.#follow();
    return this.#counts.get(from)?.keys() ?? [];
  }

  #follow(): void {
    if (this.#watcher === undefined || this.#watcher.cut) this.#restart();
    for (;;) {
      const changes = this.#watcher?.take() ?? [];
      for (const { type, item } of changes) {
        this.#forget(item.key);
        if (type !== "DELETED") this.#learn(item);
      }
      if (changes.length === 0) return;
    }
  }

  #restart(): void {
    this.#watcher?.close();
    const cache = this.#feed.cache(this.#prefix);
    this.#watcher = new Watcher(cache, { range: this.#prefix }, cache.ring.end, 0);
    this.#known.clear();
    this.#counts.clear();
    for (const item of cache.list(this.#prefix)) this.#learn(item);
  }

  #learn(item: Item): void {
    const edges = [...this.#edgesOf(item.parse<T>())];
    if (edges.length === 0) return;
    this.#known.set(item.key, edges);
    for (const [from, to] of edges) {
      const counts = this.#counts.get(from) ?? new Map<string, number>();
      this.#counts.set(from, counts.set(to, (counts.get(to) ?? 0) + 1));
    }
  }

  #forget(key: string): void {
    for (const [from, to] of this.#known.get(key) ?? []) {
      const counts = this.#counts.get(from);
      const left = (counts?.get(to) ?? 1) - 1;
      if (left > 0) counts?.set(to, left);
      else counts?.delete(to);
      if (counts?.size === 0) this.#counts.delete(from);
    }
    this.#known.delete(key);
  }
}
