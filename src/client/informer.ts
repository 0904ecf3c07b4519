import { keyOf, type KubeObject } from "#apimachinery/meta.ts";
import type { Clock } from "#base/clock.ts";
import type { Logger } from "#base/log.ts";
import { Cache } from "./cache.ts";
import type { ListQuery, ResourceClient, WatchEvent } from "./client.ts";
import type { Changed, Informer } from "./lister.ts";
import { reflect, type Sink } from "./reflector.ts";

export interface InformerOptions<T extends KubeObject> {
  readonly name: string;
  readonly resource: ResourceClient<T>;
  readonly query?: ListQuery;
  readonly clock: Clock;
  readonly log: Logger;
}

/** A cache that follows one resource on the server and tells its handlers of each change. */
export class WatchingInformer<T extends KubeObject> implements Informer<T>, Sink<T> {
  readonly name: string;
  readonly #options: InformerOptions<T>;
  readonly #cache = new Cache<T>();
  readonly #handlers = new Set<(change: Changed<T>) => void>();
  readonly #synced = Promise.withResolvers<void>();
  #resourceVersion = "0";

  constructor(options: InformerOptions<T>) {
    this.name = options.name;
    this.#options = options;
  }

  get resourceVersion(): string { return this.#resourceVersion; }
  get(key: string): T | undefined { return this.#cache.get(key); }
  list(namespace?: string): readonly T[] { return this.#cache.list(namespace); }
  by(index: string, value: string): readonly T[] { return this.#cache.by(index, value); }
  addIndex(name: string, values: (obj: T) => readonly string[]): void { this.#cache.addIndex(name, values); }

  onChange(handler: (change: Changed<T>) => void): () => void {
    this.#handlers.add(handler);
    for (const object of this.#cache.list()) this.#tell(handler, { old: undefined, object });
    return () => this.#handlers.delete(handler);
  }

  synced(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const stopped = Promise.withResolvers<never>();
    const stop = (): void => stopped.reject(signal.reason);
    signal.addEventListener("abort", stop, { once: true });
    return Promise.race([this.#synced.promise, stopped.promise]).finally(() => signal.removeEventListener("abort", stop));
  }

  run(signal: AbortSignal): Promise<void> {
    const { resource, query = {}, clock, log } = this.#options;
    return reflect(resource, query, this, { clock, log, signal });
  }

  replace(items: readonly T[], resourceVersion: string): void {
    const gone = new Set(this.#cache.keys());
    this.#resourceVersion = resourceVersion;
    for (const object of items) {
      gone.delete(keyOf(object));
      this.#put(object);
    }
    for (const key of gone) this.#remove(key);
    this.#synced.resolve();
  }

  apply({ type, object }: Exclude<WatchEvent<T>, { readonly type: "BOOKMARK" }>): void {
    this.#resourceVersion = object.metadata.resourceVersion ?? this.#resourceVersion;
    if (type === "DELETED") this.#remove(keyOf(object));
    else this.#put(object);
  }

  bookmark(resourceVersion: string): void {
    this.#resourceVersion = resourceVersion;
  }

  #put(read: T): void {
    const object = withoutOwners(read);
    const before = this.#cache.get(keyOf(object));
    if (before !== undefined && before.metadata.uid === object.metadata.uid && before.metadata.resourceVersion === object.metadata.resourceVersion) return;
    if (before !== undefined && before.metadata.uid !== object.metadata.uid) this.#remove(keyOf(object)); // deleted and created again while we did not look
    this.#tellAll({ old: this.#cache.set(object), object });
  }

  #remove(key: string): void {
    const old = this.#cache.remove(key);
    if (old !== undefined) this.#tellAll({ old, object: undefined });
  }

  #tellAll(change: Changed<T>): void {
    for (const handler of this.#handlers) this.#tell(handler, change);
  }

  /** A handler's failure is its own: the cache and the other handlers go on. */
  #tell(handler: (change: Changed<T>) => void, change: Changed<T>): void {
    try {
      handler(change);
    } catch (err) {
      this.#options.log.error({ err, informer: this.name }, "change handler failed");
    }
  }
}

/**
 * Without the owners of its fields, which nobody asks a cache for and which are a third of what a pod holds. A write
 * without them leaves them as they are. Upstream: cmd/kube-controller-manager/app CreateControllerContext, trim
 */
function withoutOwners<T extends KubeObject>(object: T): T {
  if (object.metadata.managedFields === undefined) return object;
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}
