/** Server-side apply. Upstream: structured-merge-diff merge/update.go Apply; apimachinery/pkg/util/managedfields/internal */
import type { KubeObject, ManagedFieldsEntry } from "../meta.ts";
import { conflictError, type Conflict } from "./conflicts.ts";
import { fieldSetOf } from "./field-set-of.ts";
import { difference, differenceBelow, emptySet, intersection, isEmptySet, sameSet, sorted, union, type FieldSet } from "./field-set.ts";
import { allowedByLastApplied, withLastApplied } from "./last-applied.ts";
import { capped, entryOf, fieldsOf, isOwn, sortedEntries, type Entries, type Writer } from "./managed-fields.ts";
import { merge } from "./merge.ts";
import { prune } from "./prune.ts";
import { bare, comparisons, remaining, trackUpdate, untracked, type Types } from "./track.ts";

export interface ApplyRequest {
  readonly types: Types;
  /** What an object of the kind holds before anybody said anything. */
  readonly blank: KubeObject;
  /** Undefined: the object is new. */
  readonly live: KubeObject | undefined;
  readonly config: KubeObject;
  readonly writer: Writer;
  /** Take what others own. */
  readonly force: boolean;
  /** Fields that this write cannot change whatever it says. */
  readonly reset: FieldSet;
}

/** Owner of all that was there before anybody applied, where owners had not been kept. Upstream: apimachinery/pkg/util/managedfields/internal/skipnonapplied.go */
const beforeFirstApply = "before-first-apply";

/**
 * The merged object with its new owners; not canonical yet, and it may share parts with the live one. `config` is known
 * to fit its type (`problemsOf`). Throws Conflict with a cause for every field that somebody else owns.
 */
export function applyConfiguration(request: ApplyRequest): KubeObject {
  const { types, config, writer, reset } = request;
  const type = types(writer.apiVersion);
  const old = bare(request.live ?? request.blank);
  const entries = startOf(request);
  const own = entries.find((entry) => isOwn(entry, writer, "Apply"));
  const others = entries.filter((entry) => entry !== own);
  const set = difference(differenceBelow(fieldSetOf(type, config), reset), untracked);
  const owned = others.reduce((all, entry) => union(all, fieldsOf(entry)), set);
  const last = own === undefined ? emptySet : fieldsOf(own);
  const next = prune(type, merge(type, old, config), last, owned) as KubeObject;
  const between = comparisons(types, old, next, ({ changed, removed }) => ({ changed: differenceBelow(changed, reset), removed: differenceBelow(removed, reset) }));
  const { changed, removed } = between(writer);
  if (!request.force) refuseConflicts(request, others, between);
  const settled = isEmptySet(changed) && isEmptySet(removed) && own !== undefined && own.apiVersion === writer.apiVersion && sameSet(last, set);
  const result = others.flatMap((entry) => remaining(entry, difference(difference(fieldsOf(entry), between(entry).changed), between(entry).removed)));
  if (settled) result.push(own);
  else if (!isEmptySet(set)) result.push(entryOf(writer, "Apply", sorted(set)));
  return withOwners(withLastApplied(next, config, writer.manager), capped(sortedEntries(result)));
}

function startOf({ types, blank, live, writer, reset }: ApplyRequest): Entries {
  const entries = live?.metadata.managedFields ?? [];
  if (live === undefined || entries.length > 0) return entries;
  return trackUpdate(types, blank, live, [], { ...writer, manager: beforeFirstApply }, reset);
}

/** Throws Conflict. What kubectl once applied on its own side is kubectl's to take. Upstream: apimachinery/pkg/util/managedfields/internal/lastappliedmanager.go */
function refuseConflicts({ types, live, writer }: ApplyRequest, others: Entries, between: ReturnType<typeof comparisons>): void {
  const found = conflictsWith(others, between);
  if (found.length === 0 || live === undefined) return;
  const allowed = writer.manager === "kubectl" ? allowedByLastApplied(types(writer.apiVersion), bare(live), writer.apiVersion) : emptySet;
  const left = found.map(({ entry, fields }) => ({ entry, fields: difference(fields, allowed) })).filter(({ fields }) => !isEmptySet(fields));
  if (left.length > 0) throw conflictError(left);
}

function conflictsWith(others: Entries, between: ReturnType<typeof comparisons>): readonly Conflict[] {
  return others.map((entry) => ({ entry, fields: intersection(fieldsOf(entry), between(entry).changed) })).filter(({ fields }) => !isEmptySet(fields));
}

function withOwners(obj: KubeObject, managedFields: Entries): KubeObject {
  const { managedFields: _, ...metadata } = obj.metadata;
  return { ...obj, metadata: { ...metadata, ...(managedFields.length > 0 && { managedFields: managedFields as ManagedFieldsEntry[] }) } };
}
