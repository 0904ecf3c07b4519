/** Whose an object is: kept by its owner, taken from nobody, or let go. Upstream: pkg/controller/controller_ref_manager.go */
import type { ResourceRef } from "#api/resources.ts";
import { controllerOf, keyOf, type KubeObject } from "#apimachinery/meta.ts";
import type { LabelSelector } from "#apimachinery/selectors.ts";
import type { Client } from "#client/client.ts";
import type { Informer } from "#client/lister.ts";
import { ignore } from "./ignore.ts";
import { controllerRef } from "./owner.ts";

export interface Claim<T> {
  readonly owned: readonly T[];
  /** Nobody's, and the owner's by their labels. */
  readonly adopt: readonly T[];
  /** The owner's no longer: their labels have changed. */
  readonly release: readonly T[];
}

/**
 * Sorts objects by whose they are. An owner that is going adopts nothing and lets nothing go.
 * @param belongs what beside its labels makes an object the owner's
 */
export function claim<T extends KubeObject>(owner: KubeObject, selector: LabelSelector, objects: readonly T[], belongs: (object: T) => boolean = () => true): Claim<T> {
  const sorted = { owned: [] as T[], adopt: [] as T[], release: [] as T[] };
  const leaving = owner.metadata.deletionTimestamp !== undefined;
  for (const object of objects) {
    const controller = controllerOf(object);
    const matches = selector.matches(object.metadata.labels) && belongs(object);
    if (controller === undefined) {
      if (matches && !leaving && object.metadata.deletionTimestamp === undefined) sorted.adopt.push(object);
    } else if (controller.uid === owner.metadata.uid) {
      if (matches) sorted.owned.push(object);
      else if (!leaving) sorted.release.push(object);
    }
  }
  return sorted;
}

/** Lets the objects of a cache be found by their controller. */
export function indexByController<T extends KubeObject>(cache: Informer<T>): void {
  cache.addIndex("controller", (object) => [controllerOf(object)?.uid ?? "none"]);
}

/** The owner of an object; of one that has none, the owners that would take it. */
export function ownerKeys<O extends KubeObject>(object: KubeObject, kind: string, owners: Informer<O>, selectorOf: (owner: O) => LabelSelector): string[] {
  const controller = controllerOf(object);
  if (controller !== undefined) return controller.kind === kind ? [`${object.metadata.namespace ?? ""}/${controller.name}`] : [];
  return owners.list(object.metadata.namespace).filter((owner) => selectorOf(owner).matches(object.metadata.labels)).map(keyOf);
}

/** Part of a strategic merge patch that takes these finalizers away. */
export const withoutFinalizers = (finalizers: readonly string[]): object => (finalizers.length > 0 ? { "$deleteFromPrimitiveList/finalizers": finalizers } : {});

/** Adopts and releases the objects of one kind for owners of another. */
export class Ownership<O extends KubeObject, T extends KubeObject> {
  readonly #client: Client;
  readonly #owners: ResourceRef<O>;
  readonly #owned: ResourceRef<T>;
  readonly #finalizers: readonly string[];

  /** @param finalizers what an object bears while it is an owner's */
  constructor(client: Client, owners: ResourceRef<O>, owned: ResourceRef<T>, finalizers: readonly string[] = []) {
    this.#client = client;
    this.#owners = owners;
    this.#owned = owned;
    this.#finalizers = finalizers;
  }

  /** The owner's objects in the cache, those just adopted among them. The cache is indexed by `indexByController`. */
  async settle(owner: O, selector: LabelSelector, cache: Informer<T>, signal: AbortSignal, belongs?: (object: T) => boolean): Promise<readonly T[]> {
    const orphans = cache.by("controller", "none").filter(({ metadata }) => metadata.namespace === owner.metadata.namespace);
    const { owned, adopt, release } = claim(owner, selector, [...cache.by("controller", owner.metadata.uid ?? ""), ...orphans], belongs);
    for (const object of release) await this.#patch(object, { ownerReferences: [{ $patch: "delete", uid: owner.metadata.uid }], ...withoutFinalizers(this.#finalizers) }, signal);
    if (adopt.length === 0 || !(await this.#mayAdopt(owner, signal))) return owned;
    for (const object of adopt) await this.#patch(object, { ownerReferences: [controllerRef(owner, this.#owners)], ...this.#held({}) }, signal);
    return [...owned, ...adopt.map((object) => ({ ...object, metadata: { ...object.metadata, ...this.#held(object.metadata) } }))];
  }

  #held({ finalizers = [] }: { readonly finalizers?: readonly string[] }): { finalizers?: string[] } {
    return this.#finalizers.length === 0 ? {} : { finalizers: [...new Set([...finalizers, ...this.#finalizers])] };
  }

  /** The cache may not know yet that the owner is leaving: what it orphans must stay so. Upstream: RecheckDeletionTimestamp */
  async #mayAdopt({ metadata }: O, signal: AbortSignal): Promise<boolean> {
    const now = await this.#client.resource(this.#owners).get(metadata.name, metadata.namespace, signal);
    return now.metadata.uid === metadata.uid && now.metadata.deletionTimestamp === undefined;
  }

  /** The uid in the patch refuses an object of the same name that came meanwhile. */
  async #patch({ metadata: { name, namespace, uid } }: T, metadata: object, signal: AbortSignal): Promise<void> {
    await this.#client.resource(this.#owned).patch(name, namespace, { type: "strategic", body: { metadata: { ...metadata, uid } } }, { signal }).catch(ignore("NotFound", "Invalid"));
  }
}
