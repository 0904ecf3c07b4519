import type { Clock } from "#base/clock.ts";
import type { Component } from "#base/component.ts";
import type { Logger } from "#base/log.ts";
import { Compacted, FutureRevision, Lagging, Unavailable, type Entry, type Revision, type Step, type Store } from "#storage/store.ts";
import { Cache } from "./cache.ts";
import type { Item } from "./item.ts";
import { resourcePrefix, root } from "./keys.ts";

interface Waiter { readonly revision: Revision; readonly resolve: () => void; readonly reject: (err: Unavailable) => void }

/**
 * The one watch on the store. It fills the caches of all resources in the order of the store's revisions, so that
 * one number says how far they all are.
 */
export class Feed implements Component {
  readonly name = "watch-cache";
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #events: number | undefined;
  readonly #caches = new Map<string, Cache>();
  readonly #loaded = Promise.withResolvers<void>();
  #stale = true;
  #revision: Revision = 0;
  #waiters: Waiter[] = [];
  #ended = false;

  /** @param events of each resource that are kept for watchers, at most */
  constructor(store: Store, clock: Clock, log: Logger, events?: number) {
    this.#store = store;
    this.#clock = clock;
    this.#log = log;
    this.#events = events;
  }

  /** Every change up to this revision is in the caches. */
  get revision(): Revision {
    return this.#revision;
  }

  /** Resolves when the first load is done. */
  get loaded(): Promise<void> {
    return this.#loaded.promise;
  }

  get isLoaded(): boolean {
    return !this.#stale;
  }

  /** How many objects there are of each stored resource. */
  get sizes(): [group: string, resource: string, count: number][] {
    return [...this.#caches].map(([prefix, cache]) => {
      const [group = "", resource = ""] = prefix.slice(root.length, -1).split("/");
      return [group === "core" ? "" : group, resource, cache.size];
    });
  }

  /** All objects as they are in the caches now, by key. */
  snapshot(): { readonly revision: Revision; readonly items: Map<string, Item> } {
    const items = new Map([...this.#caches.values()].flatMap((cache) => cache.list(cache.prefix)).map((item) => [item.key, item]));
    return { revision: this.#revision, items };
  }

  /** The cache of a resource; an empty one for a resource of which nothing is stored. */
  cache(prefix: string): Cache {
    const known = this.#caches.get(prefix);
    if (known !== undefined) return known;
    const made = new Cache(prefix, this.#revision, this.#events);
    this.#caches.set(prefix, made);
    return made;
  }

  /** Resolves when the caches hold every write that was acknowledged before the call. Throws `Unavailable` when they will not any more: the server stops. */
  async fresh(): Promise<void> {
    await this.#loaded.promise;
    const revision = await this.#store.revision();
    if (this.#revision < revision) await this.#reach(revision);
  }

  /** True when the caches have come to `revision`; false when they have not within `timeoutMs`. */
  async reached(revision: Revision, timeoutMs: number): Promise<boolean> {
    await this.#loaded.promise;
    if (this.#revision >= revision) return true;
    const late = new AbortController();
    const timeout = this.#clock.sleep(timeoutMs, late.signal).catch(() => {});
    await Promise.race([this.#reach(revision), timeout]);
    late.abort();
    return this.#revision >= revision;
  }

  run = async (signal: AbortSignal): Promise<void> => {
    while (!signal.aborted) {
      try {
        if (this.#stale) await this.#load();
        for await (const step of this.#store.watch(root, this.#revision, signal)) this.#apply(step);
      } catch (err) {
        if (signal.aborted) break;
        this.#stale ||= err instanceof Compacted || err instanceof Lagging || err instanceof FutureRevision; // the last: the backend was restored from a backup
        this.#log.warn({ err }, "the watch on the store broke; it starts again");
        await this.#clock.sleep(100, signal).catch(() => {});
      }
    }
    this.#end();
  };

  /** Requests from within the process may be under way: they must not wait for what comes no more. */
  #end(): void {
    this.#ended = true;
    for (const { reject } of this.#waiters) reject(stopped());
    this.#waiters = [];
  }

  async #load(): Promise<void> {
    const { entries, revision } = await this.#store.list(root);
    const byPrefix = Map.groupBy(entries, (e: Entry) => resourcePrefix(e.key));
    this.#advance(revision);
    for (const prefix of new Set([...this.#caches.keys(), ...byPrefix.keys()])) this.cache(prefix).reset(byPrefix.get(prefix) ?? [], revision);
    this.#stale = false;
    this.#loaded.resolve();
  }

  #apply({ changes, upTo }: Step): void {
    const touched = new Set<Cache>();
    for (const change of changes) {
      const key = change.type === "put" ? change.entry.key : change.previous.key;
      const cache = this.cache(resourcePrefix(key));
      cache.apply(change);
      touched.add(cache);
    }
    this.#advance(upTo);
    for (const cache of touched) cache.wake();
  }

  #advance(revision: Revision): void {
    this.#revision = revision;
    const due = this.#waiters.filter((w) => w.revision <= revision);
    if (due.length === 0) return;
    this.#waiters = this.#waiters.filter((w) => w.revision > revision);
    for (const waiter of due) waiter.resolve();
  }

  #reach(revision: Revision): Promise<void> {
    if (this.#ended) return Promise.reject(stopped());
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#waiters.push({ revision, resolve, reject });
    return promise;
  }
}

const stopped = (): Unavailable => new Unavailable("the server stops");
