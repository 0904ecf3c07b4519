import { keyOf, type KubeObject, type OwnerReference } from "#apimachinery/meta.ts";
import type { Informer } from "#client/lister.ts";
import type { Discovered } from "../discovered.ts";
import { isAtRest } from "./plan.ts";

/** One resource and the cache of its objects' metadata. */
export interface Tracked { readonly ref: Discovered; readonly informer: Informer<KubeObject> }

/** All objects of the cluster by whose they are. */
export class Graph {
  readonly #tracked: ReadonlyMap<string, Tracked>;
  readonly #byKind: ReadonlyMap<string, Discovered>;

  constructor(tracked: readonly Tracked[]) {
    for (const { informer } of tracked) {
      informer.addIndex("uid", ({ metadata }) => [metadata.uid ?? ""]);
      informer.addIndex("owner", ({ metadata }) => (metadata.ownerReferences ?? []).map(({ uid }) => uid));
    }
    this.#tracked = new Map(tracked.map((t) => [resourceKey(t.ref), t]));
    this.#byKind = new Map(tracked.flatMap(({ ref }) => ref.apiVersions.map((apiVersion) => [`${apiVersion} ${ref.kind}`, ref] as const)));
  }

  /** What a work key stands for; undefined when it is gone. */
  find(key: string): { readonly ref: Discovered; readonly object: KubeObject } | undefined {
    const at = key.indexOf(" ");
    const tracked = this.#tracked.get(key.slice(0, at));
    const object = tracked?.informer.get(key.slice(at + 1));
    return tracked === undefined || object === undefined ? undefined : { ref: tracked.ref, object };
  }

  /** Objects that name this uid as an owner. */
  dependents(uid: string): { readonly ref: Discovered; readonly object: KubeObject }[] {
    const found: { readonly ref: Discovered; readonly object: KubeObject }[] = [];
    for (const { ref, informer } of this.#tracked.values()) for (const object of informer.by("owner", uid)) found.push({ ref, object });
    return found;
  }

  /** The object of an owner's uid, where a dependent of this namespace may have it; `misplaced` when it is somewhere else. */
  owner(reference: OwnerReference, namespace: string | undefined): { readonly object?: KubeObject; readonly misplaced: boolean } {
    const resource = this.resourceOf(reference);
    let misplaced = false;
    for (const { ref, informer } of this.#tracked.values()) {
      for (const object of informer.by("uid", reference.uid)) {
        if (ref !== resource) continue;
        const isNear = !ref.namespaced || object.metadata.namespace === namespace;
        if (isNear && object.metadata.name === reference.name) return { object, misplaced: false };
        misplaced ||= !isNear;
      }
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
    return [...own, ...owners, ...this.dependents(object.metadata.uid ?? "none").map((d) => workKey(d.ref, d.object))];
  }
}

const resourceKey = ({ group, resource }: Discovered): string => `${group}/${resource}`;
export const workKey = (ref: Discovered, object: KubeObject): string => `${resourceKey(ref)} ${keyOf(object)}`;
