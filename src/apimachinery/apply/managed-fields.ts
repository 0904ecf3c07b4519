/** The list of who owns what, as objects carry it. Upstream: apimachinery/pkg/util/managedfields/internal */
import { isRecord, semanticEqual } from "../equal.ts";
import type { KubeObject, ManagedFieldsEntry } from "../meta.ts";
import { emptySet, leaf, union, type FieldSet } from "./field-set.ts";
import { canonicalStep } from "./path-element.ts";

export type Entries = readonly ManagedFieldsEntry[];

/** Who writes: what stands in an entry beside its fields. */
export interface Writer {
  readonly manager: string;
  readonly apiVersion: string;
  /** Empty for the object itself. */
  readonly subresource: string;
  /** RFC 3339, for entries that change. */
  readonly now: string;
}

/** Upstream: apimachinery/pkg/util/managedfields/internal/fieldmanager.go DefaultMaxUpdateManagers; capmanagers.go oldUpdatesManagerName */
const maxUpdateManagers = 10;
const ancientChanges = "ancient-changes";

export const fieldsOf = (entry: ManagedFieldsEntry): FieldSet => (entry.fieldsV1 ?? emptySet) as FieldSet;

/** Whether this is the writer's own entry. An applier has one entry, whatever the version. Upstream: BuildManagerIdentifier */
export const isOwn = (entry: ManagedFieldsEntry, { manager, apiVersion, subresource }: Writer, operation: "Apply" | "Update"): boolean =>
  entry.operation === operation && entry.manager === manager && (entry.subresource ?? "") === subresource && (operation === "Apply" || entry.apiVersion === apiVersion);

/** A new entry, with its members in upstream's order. */
export const entryOf = ({ manager, apiVersion, subresource, now }: Writer, operation: "Apply" | "Update", fieldsV1: FieldSet): ManagedFieldsEntry =>
  ({ manager, operation, apiVersion, time: now, fieldsType: "FieldsV1", fieldsV1, ...(subresource !== "" && { subresource }) });

/**
 * The entries that a write starts from: the request's own where it has valid ones, else the live object's; none where
 * the request strips them by an empty list, or a list of one empty entry. Upstream: apimachinery/pkg/util/managedfields/internal/fieldmanager.go decodeLiveOrNew
 */
export function startingEntries(live: KubeObject | undefined, next: KubeObject, subresource: string): Entries {
  const before = live?.metadata.managedFields ?? [];
  const asked = next.metadata.managedFields ?? [];
  if (subresource !== "" || semanticEqual(asked, before)) return before;
  if (next.metadata.managedFields !== undefined && asked.every((entry) => Object.keys(entry).length === 0) && asked.length < 2) return [];
  const valid = canonicalEntries(asked);
  return valid === undefined || valid.length === 0 ? before : valid;
}

/** What a user wrote, in the form in which we keep it; undefined when it cannot be read. */
function canonicalEntries(entries: Entries): Entries | undefined {
  const result: ManagedFieldsEntry[] = [];
  for (const entry of entries) {
    const fieldsV1 = canonicalSet(entry.fieldsV1 ?? {});
    const known = (entry.operation === "Apply" || entry.operation === "Update") && entry.apiVersion && entry.fieldsType === "FieldsV1";
    if (!known || fieldsV1 === undefined) return undefined;
    result.push({ ...entry, fieldsV1 });
  }
  return sortedEntries(result);
}

function canonicalSet(set: unknown): FieldSet | undefined {
  if (!isRecord(set)) return undefined;
  const result: Record<string, FieldSet> = {};
  for (const [step, node] of Object.entries(set)) {
    const canonical = canonicalStep(step);
    const below = canonicalSet(node);
    if (canonical === undefined || below === undefined) return undefined;
    result[canonical] = step === "." ? leaf : below;
  }
  return result;
}

/** Appliers first, then by time and name. Upstream: sortEncodedManagedFields */
export function sortedEntries(entries: Entries): Entries {
  return entries.toSorted((a, b) =>
    byText(a.operation, b.operation) || byText(a.time, b.time) || byText(a.manager, b.manager) || byText(a.apiVersion, b.apiVersion) || byText(a.subresource, b.subresource));
}

const byText = (a = "", b = ""): number => (a === b ? 0 : a < b ? -1 : 1);

/**
 * Of more than ten updaters the oldest are taken together, by version. Upstream: apimachinery/pkg/util/managedfields/internal/capmanagers.go
 * @param entries sorted
 */
export function capped(entries: Entries): Entries {
  const updates = entries.filter((entry) => entry.operation === "Update");
  let excess = updates.length - maxUpdateManagers;
  if (excess <= 0) return entries;
  const kept = new Set(entries);
  const first = new Map<string, ManagedFieldsEntry>();
  for (const entry of updates) {
    if (excess <= 0) break;
    const version = entry.apiVersion ?? "";
    const bucket = first.get(version);
    if (bucket === undefined) { first.set(version, entry); continue; }
    const merged = entryOf({ manager: ancientChanges, apiVersion: version, subresource: "", now: entry.time ?? "" }, "Update", union(fieldsOf(bucket), fieldsOf(entry)));
    for (const old of [bucket, entry]) kept.delete(old);
    kept.add(merged);
    first.set(version, merged);
    excess--;
  }
  return sortedEntries([...kept]);
}

/** Whether two lists differ in nothing but times. Upstream: IgnoreManagedFieldsTimestampsTransformer */
export const sameButTimes = (a: Entries, b: Entries): boolean =>
  a.length === b.length && a.every((entry, i) => semanticEqual({ ...entry, time: undefined }, { ...b[i], time: undefined }));
