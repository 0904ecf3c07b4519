import { AsyncLocalStorage } from "node:async_hooks";
import { keyOf, qualified, type KubeObject } from "#apimachinery/meta.ts";
import type { ResourceRef } from "#api/resources.ts";
import type { Client, ResourceClient } from "#client/client.ts";
import type { Informer } from "#client/lister.ts";

/** What one key's last work has written and its caches have not shown yet. */
class Written {
  /** The newest revision written, by resource. */
  readonly versions = new Map<string, number>();
  /** Deleted objects: `resource key` → uid that stood in the cache then. */
  readonly deleted = new Map<string, { readonly resource: string; readonly key: string; readonly uid: string | undefined }>();
}

/**
 * A controller's memory of its own writes, kept per key until its caches show them: work on a cache that does
 * not know the Pods just made would make them again. Upstream: pkg/controller/controller_utils.go ControllerExpectations
 */
export class OwnWrites {
  readonly #current = new AsyncLocalStorage<Written>();
  readonly #unseen = new Map<string, Written>();
  readonly #caches = new Map<string, Informer<KubeObject>>();

  /** Waits for writes to this resource until they appear in `cache`; other resources are not waited for. */
  follow(ref: ResourceRef, cache: Informer<KubeObject>): void {
    this.#caches.set(qualified(ref), cache);
  }

  /** Runs the work on a key: what it writes through a tracked client counts for the key. */
  async during<R>(key: string, work: () => Promise<R>): Promise<R> {
    const written = new Written();
    try {
      return await this.#current.run(written, work);
    } finally {
      if (written.versions.size + written.deleted.size > 0) this.#unseen.set(key, written);
    }
  }

  /** True while a cache does not show all that the key's last work has written. */
  pending(key: string): boolean {
    const written = this.#unseen.get(key);
    if (written === undefined) return false;
    const shown = [...written.versions].every(([resource, version]) => Number(this.#caches.get(resource)?.resourceVersion) >= version) && [...written.deleted.values()].every((d) => this.#isGone(d));
    if (shown) this.#unseen.delete(key);
    return !shown;
  }

  /** Waits no longer for what this key wrote. */
  forget(key: string): void {
    this.#unseen.delete(key);
  }

  #isGone({ resource, key, uid }: { readonly resource: string; readonly key: string; readonly uid: string | undefined }): boolean {
    const metadata = this.#caches.get(resource)?.get(key)?.metadata;
    return metadata === undefined || metadata.uid !== uid || metadata.deletionTimestamp !== undefined;
  }

  /** The same client, whose writes are remembered. */
  track(client: Client): Client {
    return { request: (request) => client.request(request), resource: (ref) => this.#tracked(ref, client.resource(ref)) };
  }

  #tracked<T extends KubeObject>(ref: ResourceRef<T>, inner: ResourceClient<T>): ResourceClient<T> {
    const resource = qualified(ref);
    const wrote = async (write: Promise<T>): Promise<T> => {
      const object = await write;
      const version = Number(object.metadata.resourceVersion);
      const written = this.#current.getStore();
      if (this.#caches.has(resource) && written !== undefined && version > (written.versions.get(resource) ?? 0)) written.versions.set(resource, version);
      return object;
    };
    return {
      get: (...args) => inner.get(...args), list: (...args) => inner.list(...args), watch: (...args) => inner.watch(...args),
      deleteCollection: (...args) => inner.deleteCollection(...args), createSubresource: (...args) => inner.createSubresource(...args),
      create: (...args) => wrote(inner.create(...args)), update: (...args) => wrote(inner.update(...args)), patch: (...args) => wrote(inner.patch(...args)),
      delete: async (name, namespace, options) => {
        await inner.delete(name, namespace, options);
        const key = keyOf({ metadata: { name, ...(namespace !== undefined && { namespace }) } });
        const uid = options?.preconditions?.uid ?? this.#caches.get(resource)?.get(key)?.metadata.uid;
        if (this.#caches.has(resource)) this.#current.getStore()?.deleted.set(`${resource} ${key}`, { resource, key, uid });
      },
    };
  }
}
