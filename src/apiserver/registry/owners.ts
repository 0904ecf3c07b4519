/** Who owns which fields after a write. Upstream: apimachinery/pkg/util/managedfields, each strategy's GetResetFields */
import { setOf, type FieldSet } from "#apimachinery/apply/field-set.ts";
import { reconciled } from "#apimachinery/apply/reconcile.ts";
import { fieldsOf, startingEntries, sameButTimes, type Entries, type Writer } from "#apimachinery/apply/managed-fields.ts";
import { schemaType } from "#apimachinery/apply/schema-types.ts";
import { structuralType, type StructuralSchema } from "#apimachinery/apply/structural-types.ts";
import { trackUpdate, type Types } from "#apimachinery/apply/track.ts";
import type { Type } from "#apimachinery/apply/types.ts";
import { decode } from "#apimachinery/decode.ts";
import { semanticEqual } from "#apimachinery/equal.ts";
import { apiVersionOf, type KubeObject, type ManagedFieldsEntry } from "#apimachinery/meta.ts";
import { timestamp } from "#apimachinery/time.ts";
import { apiSchema } from "#api/schema.ts";
import type { AnyResource, Custom } from "./resource.ts";

/**
 * `tracked`: the writer comes to own what it changed. `given`: the next state says who owns it (an apply has worked it
 * out). `kept`: owners stay as they were, whatever is written, as upstream has it for bindings.
 */
export type Ownership = "tracked" | "given" | "kept";

const nothing = setOf();
const statusField = setOf(["status"]);
const specField = setOf(["spec"]);

/** By what rules the fields of a resource are owned. */
export const typeOf = ({ custom, schema }: AnyResource): Type => (custom === undefined ? schemaType(apiSchema, schema) : customType(custom));

const customTypes = new WeakMap<Custom, Map<string, Type>>();

/** Made once for every state of a definition. @param version another one than the resource's own; deduced from the values where there is none such */
function customType(custom: Custom, version = ""): Type {
  const known = customTypes.get(custom) ?? new Map<string, Type>();
  customTypes.set(custom, known);
  let type = known.get(version);
  if (type === undefined) known.set(version, (type = structuralType(custom.schema(version) as StructuralSchema | undefined, schemaType(apiSchema, "meta/v1.ObjectMeta"))));
  return type;
}

/** By what rules the fields are owned in each version. Versions of built-in kinds are taken to have the same fields. */
export function typesOf(resource: AnyResource): Types {
  const { custom, group, version } = resource;
  const own = typeOf(resource);
  if (custom === undefined) return () => own;
  return (apiVersion) => (apiVersion === apiVersionOf(group, version) ? own : customType(custom, apiVersion.slice(group.length + 1)));
}

/**
 * Owners as they would be written under today's schemas; those of versions that the definition no longer has are gone.
 * Upstream: structured-merge-diff merge/update.go reconcileManagedFieldsWithSchemaChanges
 */
export function todaysEntries({ custom, ...resource }: AnyResource, live: KubeObject | undefined, entries: Entries): Entries {
  if (custom === undefined || live === undefined) return entries;
  const types = typesOf({ ...resource, custom });
  const versionOf = ({ apiVersion = "" }: ManagedFieldsEntry): string => apiVersion.slice(resource.group.length + 1);
  return entries.filter((entry) => custom.versions.includes(versionOf(entry))).map((entry) => {
    const fields = fieldsOf(entry);
    const today = reconciled(types(entry.apiVersion ?? ""), live, fields);
    return today === fields ? entry : { ...entry, fieldsV1: today };
  });
}

/** What an object of this kind holds before anybody said anything: structs that Go always prints. */
export function blankOf(resource: AnyResource): KubeObject {
  let blank = blanks.get(resource);
  if (blank === undefined) blanks.set(resource, (blank = makeBlank(resource)));
  return blank;
}

const blanks = new WeakMap<AnyResource, KubeObject>();
const makeBlank = ({ custom, schema }: AnyResource): KubeObject =>
  (custom === undefined ? decode(apiSchema, schema, { metadata: {} }).object : { metadata: {} }) as unknown as KubeObject;

/** Fields that a write through this door cannot change: nobody comes to own them by it. */
export function resetFields({ subresources }: AnyResource, subresource: string): FieldSet {
  if (subresource === "") return subresources?.["status"] === undefined ? nothing : statusField;
  const door = subresources?.[subresource];
  return (door?.type === "write" ? door.resetFields : undefined) ?? (subresource === "status" ? specField : nothing);
}

export const writerAs = (resource: AnyResource, manager: string, subresource: string, now: number): Writer =>
  ({ manager, apiVersion: apiVersionOf(resource.group, resource.version), subresource, now: timestamp(now) });

/** The owners of `next`, which stands as the writer wants it, with defaults. Nothing is kept up for an object without owners. */
export function ownersOf(resource: AnyResource, old: KubeObject | undefined, next: KubeObject, writer: Writer): Entries {
  const entries = todaysEntries(resource, old, startingEntries(old, next, writer.subresource));
  if (entries.length === 0 && old !== undefined) return entries;
  return trackUpdate(typesOf(resource), old ?? blankOf(resource), next, entries, writer, resetFields(resource, writer.subresource));
}

export function setOwners({ metadata }: KubeObject, entries: Entries | undefined): void {
  if (entries === undefined || entries.length === 0) delete metadata.managedFields;
  else metadata.managedFields = entries as ManagedFieldsEntry[];
}

/** Nothing but the times of owners has changed: the write changes nothing. Upstream: IgnoreManagedFieldsTimestampsTransformer */
export function onlyTimesDiffer(next: KubeObject, old: KubeObject): boolean {
  const [after, before] = [next.metadata.managedFields ?? [], old.metadata.managedFields ?? []];
  if (after === before || !sameButTimes(after, before)) return false;
  return semanticEqual({ ...next, metadata: { ...next.metadata, managedFields: before } }, old);
}
