/** The one way in which objects are read and written, for every kind. */
import { apiSchema } from "#api/schema.ts";
import type { Entries } from "#apimachinery/apply/managed-fields.ts";
import type { KubeObject } from "#apimachinery/meta.ts";
import { cloneJson } from "#apimachinery/records.ts";
import { alreadyExists, invalid, isStatus, notFound, StatusError, type Cause } from "#apimachinery/status.ts";
import { validateKubeFinalizers, validateObjectMeta, validateObjectMetaUpdate } from "#apimachinery/validation/metadata.ts";
import { WriteFailed, type Entry, type Revision } from "#storage/store.ts";
import { Item, writtenItem } from "../cacher/item.ts";
import { objectKey } from "../cacher/keys.ts";
import { computedItem, computedItems } from "./computed.ts";
import { mayGo } from "./deletion.ts";
import { placeIn, prepareNewMetadata, prepareNextMetadata, raiseGeneration } from "./metadata.ts";
import { onlyTimesDiffer, ownersOf, setOwners, writerAs, type Ownership } from "./owners.ts";
import { checkRevision, checkUid, requireRevision } from "./preconditions.ts";
import { groupResourceOf, storagePrefix } from "./registry.ts";
import type { AnyResource, StatusLike } from "./resource.ts";
import { emptyStatus, takeStatus } from "./status-field.ts";
import { decodeStored, encodeStored } from "./stored.ts";
import { unchanged } from "./unchanged.ts";
import { attributesOf, type Place, type StorageDeps, type WriteContext } from "./writes.ts";

/** Tries of a create with a generated name that is taken. Upstream: apiserver/pkg/registry/generic/registry/store.go maxNameGenerationCreateAttempts */
const generatedNameTries = 8;

export interface Update {
  readonly subresource?: { readonly name: string; readonly write: StatusLike<KubeObject> };
  /** Who owns the changed fields afterwards; `tracked` where left out. */
  readonly ownership?: Ownership;
  /** Whom a PUT means, where it says so: neither another object of the name nor none. In a patch another uid is a change, which is refused. */
  readonly uid?: string;
  /** An object that is not there is made, as an apply does. */
  readonly createsAbsent?: boolean;
  /** Makes the next state out of a copy of the current one; called again after a lost race. */
  next(old: KubeObject | undefined): KubeObject | Promise<KubeObject>;
}
export interface Written { readonly item: Item; readonly created: boolean }

/** The newest acknowledged state, or with `cached` what the watch cache holds. Throws NotFound. */
export async function read(deps: StorageDeps, place: Place, cached = false): Promise<Item> {
  const computed = await computedItems(place.resource, place.namespace);
  if (computed !== undefined) return computedItem(place.resource, computed, place.name);
  if (!cached) await deps.feed.fresh();
  const prefix = storagePrefix(place.resource);
  const item = deps.feed.cache(prefix).get(objectKey(prefix, place.namespace, place.name));
  if (item === undefined) throw notFound(groupResourceOf(place.resource), place.name);
  return item;
}

/** Throws AlreadyExists, Invalid, and what admission throws. `place.name` is not looked at. */
export async function create(deps: StorageDeps, place: Place, input: KubeObject, ctx: WriteContext, ownership: Ownership = "tracked"): Promise<Item> {
  const generated = !input.metadata.name && input.metadata.generateName !== undefined;
  for (let tries = 1; ; tries++) {
    try {
      return await createOnce(deps, place, generated ? cloneJson(input) : input, ctx, ownership);
    } catch (err) {
      if (!generated || tries >= generatedNameTries || !isStatus(err, "AlreadyExists")) throw err;
    }
  }
}

async function createOnce(deps: StorageDeps, place: Place, obj: KubeObject, ctx: WriteContext, ownership: Ownership): Promise<Item> {
  const { resource, namespace } = place;
  placeIn(resource, obj, namespace);
  prepareNewMetadata(resource, obj, deps.clock.now());
  resource.defaults?.(obj);
  if (ownership === "tracked") setOwners(obj, ownersOf(resource, undefined, obj, writerAs(resource, ctx.fieldManager, "", deps.clock.now())));
  if (resource.subresources?.["status"] !== undefined && resource.statusOnCreate !== true) emptyStatus(resource, obj);
  resource.prepareCreate?.(obj);
  const { name } = obj.metadata;
  await using done = new AsyncDisposableStack();
  const attributes = attributesOf(deps, ctx, { ...place, name }, "CREATE", "", undefined, done);
  await deps.admission.admit(attributes, obj);
  refuse(place, name, [...validateObjectMeta(obj.metadata, { namespaced: resource.scope === "Namespaced", validateName: resource.validateName }), ...(Object.hasOwn(apiSchema.types, resource.schema) ? validateKubeFinalizers(obj.metadata.finalizers) : []), ...ownRules(resource, obj), ...(resource.validateCreate?.(obj) ?? [])]);
  await deps.admission.validate(attributes, obj);
  for (const warning of resource.warnings?.(obj) ?? []) ctx.warn(warning);
  const prefix = storagePrefix(resource);
  const key = objectKey(prefix, namespace, name);
  const value = encodeStored(resource, obj);
  if (ctx.dryRun) {
    await deps.feed.fresh();
    if (deps.feed.cache(prefix).get(key) !== undefined) throw alreadyExists(groupResourceOf(resource), name);
    return new Item(prefix, key, value, 0);
  }
  const written = await durable(deps.store.put(key, value, 0), done);
  if (!written.ok) throw existing(place, name, prefix, written.current);
  return writtenItem(prefix, key, value, written.revision);
}

/**
 * Reads, changes and writes back. A lost race is tried again with the newer state, unless `next` gave an object with
 * the resourceVersion of an older one. Throws NotFound, Conflict, Invalid, and what admission throws.
 * Upstream: apiserver/pkg/registry/generic/registry/store.go Update, storage GuaranteedUpdate
 */
export async function update(deps: StorageDeps, place: Place, change: Update, ctx: WriteContext): Promise<Written> {
  const prefix = storagePrefix(place.resource);
  const key = objectKey(prefix, place.namespace, place.name);
  await deps.feed.fresh();
  let current = deps.feed.cache(prefix).get(key);
  for (;;) {
    if (current === undefined) return await createByUpdate(deps, place, change, ctx);
    const old = decodeStored(place.resource, current);
    await using done = new AsyncDisposableStack();
    const next = await nextState(deps, place, change, old, ctx, done);
    if (unchanged(place.resource, next, old) || onlyTimesDiffer(next, old)) return { item: current, created: false };
    const gone = mayGo(place.resource, next);
    const value = encodeStored(place.resource, next);
    if (ctx.dryRun) return { item: new Item(prefix, key, value, current.revision), created: false };
    const written = await durable(gone ? deps.store.delete(key, current.revision) : deps.store.put(key, value, current.revision), done);
    if (written.ok) return { item: gone ? new Item(prefix, key, value, written.revision) : writtenItem(prefix, key, value, written.revision), created: false };
    current = itemOf(prefix, written.current);
  }
}

async function createByUpdate(deps: StorageDeps, place: Place, change: Update, ctx: WriteContext): Promise<Written> {
  const { resource, name } = place;
  checkUid(place, change.uid, "");
  if ((resource.createOnUpdate !== true && change.createsAbsent !== true) || change.subresource !== undefined) throw notFound(groupResourceOf(resource), name);
  await ctx.mayCreate?.();
  const obj = await change.next(undefined);
  delete obj.metadata.resourceVersion;
  return { item: await create(deps, place, obj, ctx, change.ownership), created: true };
}

async function nextState(deps: StorageDeps, place: Place, change: Update, old: KubeObject, ctx: WriteContext, done: AsyncDisposableStack): Promise<KubeObject> {
  const { resource, namespace, name } = place;
  const next = await change.next(cloneJson(old));
  placeIn(resource, next, namespace);
  checkUid(place, change.uid, old.metadata.uid);
  checkRevision(place, next.metadata.resourceVersion, old);
  requireRevision(place, next.metadata.resourceVersion);
  prepareNextMetadata(next, old);
  resource.defaults?.(next);
  const owners = nextOwners(deps, resource, change, old, next, ctx);
  if (change.subresource !== undefined) change.subresource.write.prepareUpdate(next, old);
  else {
    if (resource.subresources?.["status"] !== undefined) takeStatus(next, old);
    resource.prepareUpdate?.(next, old);
  }
  setOwners(next, owners);
  raiseGeneration(resource, next, old);
  const attributes = attributesOf(deps, ctx, place, "UPDATE", change.subresource?.name, old, done);
  await deps.admission.admit(attributes, next);
  const own = change.subresource === undefined
    ? ownRules(resource, next, old)
    : (change.subresource.write.validateUpdate?.(next, old) ?? []);
  refuse(place, name, [...validateObjectMetaUpdate(next.metadata, old.metadata), ...own]);
  await deps.admission.validate(attributes, next);
  if (change.subresource === undefined) for (const warning of resource.warnings?.(next) ?? []) ctx.warn(warning);
  return next;
}

/** The kind's rules over a new object, or over a changed one. */
function ownRules(resource: AnyResource, next: KubeObject, old?: KubeObject): readonly Cause[] {
  if (resource.custom !== undefined) return resource.custom.validate(next, old);
  return [...(resource.validate?.(next) ?? []), ...((old && resource.validateUpdate?.(next, old)) ?? [])];
}

function nextOwners(deps: StorageDeps, resource: AnyResource, { ownership, subresource }: Update, old: KubeObject, next: KubeObject, ctx: WriteContext): Entries | undefined {
  if (ownership === "kept") return old.metadata.managedFields;
  if (ownership === "given") return next.metadata.managedFields;
  return ownersOf(resource, old, next, writerAs(resource, ctx.fieldManager, subresource?.name ?? "", deps.clock.now()));
}

function refuse({ resource }: Place, name: string, causes: readonly Cause[]): void {
  if (causes.length > 0) throw invalid({ group: resource.group, kind: resource.kind }, name, causes);
}

function existing({ resource }: Place, name: string, prefix: string, current: Entry | undefined): StatusError {
  const err = alreadyExists(groupResourceOf(resource), name);
  if (itemOf(prefix, current)?.parse().metadata.deletionTimestamp === undefined) return err;
  return new StatusError("AlreadyExists", `object is being deleted: ${err.message}`, err.details);
}

/** The item of a store's entry. */
export const itemOf = (prefix: string, entry: Entry | undefined): Item | undefined =>
  entry === undefined ? undefined : new Item(prefix, entry.key, entry.value, entry.modified as Revision);

/** A write that could not be made durable is told to the client as such. @param done kept from being disposed when it is not known whether it was made */
export async function durable<T>(write: Promise<T>, done?: AsyncDisposableStack): Promise<T> {
  try {
    return await write;
  } catch (cause) {
    if (!(cause instanceof WriteFailed)) throw cause;
    if (cause.outcome === "unknown") done?.move();
    throw new StatusError("Unknown", cause.message, undefined, { cause });
  }
}
