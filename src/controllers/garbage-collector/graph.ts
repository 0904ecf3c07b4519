import { keyOf, type KubeObject, type OwnerReference } from "#apimachinery/meta.ts";
import type { Informer } from "#client/lister.ts";
import type { Discovered } from "../discovered.ts";
import { isAtRest } from "./plan.ts";

/** One resource and the cache of its objects' metadata. */
export interface Tracked { readonly ref: Discovered; readonly informer: Informer<KubeObject> }

interface Found { readonly ref: Discovered; readonly object: KubeObject }

/** All objects of the cluster by whose they are. */
export class Graph {
  readonly #tracked: ReadonlyMap<string, Tracked>;
  readonly #byKind: ReadonlyMap<string, Discovered>;
  /** By uid, and by the uids of owners; the inner key is the work key. One index over all resources: there are many, and each change asks. */
  readonly #byUid = new Map<string, Map<string, Found>>();
  readonly #byOwner = new Map<string, Map<string, Found>>();

  readonly #stops: readonly (() => void)[];

  /** @param resources all that are served: owners may be of one whose cache is not there yet */
  constructor(tracked: readonly Tracked[], resources: readonly Discovered[]) {
    this.#stops = tracked.map(({ ref, informer }) => informer.onChange(({ old, object }) => this.#follow(ref, old, object)));
    this.#tracked = new Map(tracked.map((t) => [resourceKey(t.ref), t]));
    this.#byKind = new Map(resources.flatMap((ref) => ref.apiVersions.map((apiVersion) => [`${apiVersion} ${ref.kind}`, ref] as const)));
  }

  /** Follows the caches no longer. */
  stop(): void {
    for (const stop of this.#stops) stop();
  }

  /** What a work key stands for; undefined when it is gone. */
  find(key: string): Found | undefined {
    const at = key.indexOf(" ");
    const tracked = this.#tracked.get(key.slice(0, at));
    const object = tracked?.informer.get(key.slice(at + 1));
    return tracked === undefined || object === undefined ? undefined : { ref: tracked.ref, object };
  }

  /** Objects that name this uid as an owner. */
  dependents(uid: string): readonly Found[] {
    return [...(this.#byOwner.get(uid)?.values() ?? [])];
  }

  /** The object of an owner's uid, where a dependent of this namespace may have it; `misplaced` when it is somewhere else. */
  owner(reference: OwnerReference, namespace: string | undefined): { readonly object?: KubeObject; readonly misplaced: boolean } {
    const resource = this.resourceOf(reference);
    let misplaced = false;
    for (const { ref, object } of this.#byUid.get(reference.uid)?.values() ?? []) {
      if (ref !== resource) continue;
      const isNear = !ref.namespaced || object.metadata.namespace === namespace;
      if (isNear && object.metadata.name === reference.name) return { object, misplaced: false };
      misplaced ||= !isNear;
    }
    return { misplaced };
  }

  /** Where objects of an owner's kind are served. */
  resourceOf({ apiVersion, kind }: OwnerReference): Discovered | undefined {
    return this.#byKind.get(`${apiVersion} ${kind}`);
  }

  /** Work that follows from a change of an object: itself where it has owners or goes, its owners (which may wait for it), its dependents. */
  keysFor(ref: Discovered, object: KubeObject): string[] {
    const own = isAtRest(object) ? [] : [workKey(ref, object)];
    const owners = (object.metadata.ownerReferences ?? []).flatMap((owner) => {
      const resource = this.resourceOf(owner);
      const found = this.owner(owner, object.metadata.namespace).object;
      return found?.metadata.deletionTimestamp !== undefined && resource !== undefined ? [workKey(resource, found)] : [];
    });
    return [...own, ...owners, ...(this.#byOwner.get(object.metadata.uid ?? "none")?.keys() ?? [])];
  }

  #follow(ref: Discovered, old: KubeObject | undefined, object: KubeObject | undefined): void {
    if (old !== undefined) this.#forget(workKey(ref, old), old);
    if (object !== undefined) this.#enter(workKey(ref, object), { ref, object });
  }

  #enter(key: string, found: Found): void {
    put(this.#byUid, found.object.metadata.uid ?? "", key, found);
    for (const { uid } of found.object.metadata.ownerReferences ?? []) put(this.#byOwner, uid, key, found);
  }

  #forget(key: string, { metadata }: KubeObject): void {
    drop(this.#byUid, metadata.uid ?? "", key);
    for (const { uid } of metadata.ownerReferences ?? []) drop(this.#byOwner, uid, key);
  }
}

function put(index: Map<string, Map<string, Found>>, at: string, key: string, found: Found): void {
  const entry = index.get(at) ?? new Map<string, Found>();
  index.set(at, entry.set(key, found));
}

function drop(index: Map<string, Map<string, Found>>, at: string, key: string): void {
  const entry = index.get(at);
  entry?.delete(key);
  if (entry?.size === 0) index.delete(at);
}

/** A resource, whatever its version. */
export const resourceKey = ({ group, resource }: Discovered): string => `${group}/${resource}`;
const workKey = (ref: Discovered, object: KubeObject): string => `${resourceKey(ref)} ${keyOf(object)}`;
