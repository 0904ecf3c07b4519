import { keyOf, qualified, type KubeObject } from "#apimachinery/meta.ts";
import type { ResourceRef } from "#api/resources.ts";
import type { Client, ResourceClient } from "#client/client.ts";

interface Standing { readonly ref: ResourceRef; readonly key: string; readonly uid: string | undefined; readonly version: number }

/** What the server has said yes to. */
export class Acknowledged {
  readonly #standing = new Map<string, Standing>();
  #newest = 0;

  /** The same client, whose acknowledged writes are remembered. */
  track(client: Client): Client {
    return { request: (request) => client.request(request), resource: (ref) => this.#tracked(ref, client.resource(ref)) };
  }

  /** What of it is missing now. What nobody deletes must be there, by keys' beginning; other objects may be gone, but not be older than they were. */
  async missing(client: Client, revision: number, kept: string): Promise<string[]> {
    const wrong = revision < this.#newest ? [`revision ${revision} is before ${this.#newest}, which was acknowledged`] : [];
    const refs = new Map([...this.#standing.values()].map(({ ref }) => [qualified(ref), ref]));
    for (const [resource, ref] of refs) {
      const found = new Map((await client.resource(ref).list()).items.map((object) => [keyOf(object), object.metadata]));
      for (const { key, uid, version, ref: of } of this.#standing.values()) {
        if (qualified(of) !== resource) continue;
        const metadata = found.get(key);
        if (metadata === undefined && key.startsWith(kept)) wrong.push(`${resource} ${key} was acknowledged and is not there`);
        if (metadata?.uid === uid && Number(metadata?.resourceVersion) < version) wrong.push(`${resource} ${key} was acknowledged at ${version} and is at ${metadata?.resourceVersion}`);
      }
    }
    return wrong;
  }

  #tracked<T extends KubeObject>(ref: ResourceRef<T>, inner: ResourceClient<T>): ResourceClient<T> {
    const remember = async (write: Promise<T>): Promise<T> => {
      const object = await write;
      const version = Number(object.metadata.resourceVersion);
      const key = keyOf(object);
      this.#standing.set(`${qualified(ref)} ${key}`, { ref: ref as unknown as ResourceRef, key, uid: object.metadata.uid, version });
      this.#newest = Math.max(this.#newest, version);
      return object;
    };
    return {
      get: (...args) => inner.get(...args), list: (...args) => inner.list(...args), watch: (...args) => inner.watch(...args),
      deleteCollection: (...args) => inner.deleteCollection(...args), createSubresource: (...args) => inner.createSubresource(...args),
      create: (...args) => remember(inner.create(...args)), update: (...args) => remember(inner.update(...args)), patch: (...args) => remember(inner.patch(...args)),
      delete: (name, namespace, options) => {
        this.#standing.delete(`${qualified(ref)} ${keyOf({ metadata: { name, ...(namespace !== undefined && { namespace }) } })}`);
        return inner.delete(name, namespace, options);
      },
    };
  }
}
