/** Deletion, for every kind: at once, or in two steps where something must happen first. */
import type { KubeObject } from "#apimachinery/meta.ts";
import { conflict, notFound } from "#apimachinery/status.ts";
import { Item } from "../cacher/item.ts";
import { objectKey } from "../cacher/keys.ts";
import { planDeletion, type DeleteOptions } from "./deletion.ts";
import { durable, itemOf } from "./generic.ts";
import { groupResourceOf, storagePrefix } from "./registry.ts";
import { decodeStored, encodeStored } from "./stored.ts";
import { attributesOf, type Place, type StorageDeps, type WriteContext } from "./writes.ts";

/** `gone`: the object is out of the store. Otherwise it stands there marked, and goes when nothing holds it any more. */
export interface Removed { readonly item: Item; readonly gone: boolean }

/** Throws NotFound, Conflict for a broken precondition, and what admission throws. */
export async function remove(deps: StorageDeps, place: Place, options: DeleteOptions, ctx: WriteContext): Promise<Removed> {
  const { resource, namespace, name } = place;
  const prefix = storagePrefix(resource);
  const key = objectKey(prefix, namespace, name);
  await deps.feed.fresh();
  let current = deps.feed.cache(prefix).get(key);
  for (;;) {
    if (current === undefined) throw notFound(groupResourceOf(resource), name);
    const old = decodeStored(resource, current);
    checkPreconditions(place, old, options);
    const attributes = attributesOf(deps, ctx, place, "DELETE", "", old);
    await deps.admission.admit(attributes, undefined);
    await deps.admission.validate(attributes, undefined);
    const obj = structuredClone(old);
    const step = planDeletion(resource, obj, options, deps.clock.now());
    if (step === "pending") return { item: current, gone: false };
    const value = encodeStored(resource, obj);
    const gone = step === "remove";
    if (!gone && value.equals(encodeStored(resource, old))) return { item: current, gone };
    if (ctx.dryRun) return { item: new Item(prefix, key, value, current.revision), gone };
    const written = await durable(gone ? deps.store.delete(key, current.revision) : deps.store.put(key, value, current.revision));
    if (written.ok) return { item: new Item(prefix, key, value, written.revision), gone };
    current = itemOf(prefix, written.current);
  }
}

/** Throws Conflict. Upstream: apiserver/pkg/registry/rest/delete.go BeforeDelete, which names the kind where others name the resource */
export function checkPreconditions({ resource, name }: Place, old: KubeObject, { preconditions }: DeleteOptions): void {
  const { uid, resourceVersion } = old.metadata;
  const about = { group: resource.group, resource: resource.kind };
  if (preconditions?.uid !== undefined && preconditions.uid !== uid) {
    throw conflict(about, name, `the UID in the precondition (${preconditions.uid}) does not match the UID in record (${uid ?? ""}). The object might have been deleted and then recreated`);
  }
  if (preconditions?.resourceVersion !== undefined && preconditions.resourceVersion !== resourceVersion) {
    throw conflict(about, name, `the ResourceVersion in the precondition (${preconditions.resourceVersion}) does not match the ResourceVersion in record (${resourceVersion ?? ""}). The object might have been modified`);
  }
}
