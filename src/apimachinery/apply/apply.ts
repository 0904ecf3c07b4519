/** Server-side apply. Upstream: structured-merge-diff merge/update.go Apply; apimachinery/pkg/util/managedfields/internal */
import type { KubeObject, ManagedFieldsEntry } from "../meta.ts";
import { compare } from "./compare.ts";
import { conflictError, type Conflict } from "./conflicts.ts";
import { fieldSetOf } from "./field-set-of.ts";
import { difference, differenceBelow, emptySet, intersection, isEmptySet, sameSet, sorted, union, type FieldSet } from "./field-set.ts";
import { allowedByLastApplied, withLastApplied } from "./last-applied.ts";
import { capped, entryOf, fieldsOf, isOwn, sortedEntries, type Entries, type Writer } from "./managed-fields.ts";
import { merge } from "./merge.ts";
import { prune } from "./prune.ts";
import { bare, remaining, trackUpdate, untracked } from "./track.ts";
import type { Type } from "./types.ts";

export interface ApplyRequest {
  readonly type: Type;
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

/** Owner of all that was there before anybody applied, where owners had not been kept. Upstream: skipnonapplied.go */
const beforeFirstApply = "before-first-apply";

/**
 * The merged object with its new owners; not canonical yet, and it may share parts with the live one. `config` is known
 * to fit its type (`problemsOf`). Throws Conflict with a cause for every field that somebody else owns.
 */
export function applyConfiguration(request: ApplyRequest): KubeObject {
  const { type, config, writer, reset } = request;
  const old = bare(request.live ?? request.blank);
  const entries = startOf(request);
  const own = entries.find((entry) => isOwn(entry, writer, "Apply"));
  const others = entries.filter((entry) => entry !== own);
  const set = difference(differenceBelow(fieldSetOf(type, config), reset), untracked);
  const owned = others.reduce((all, entry) => union(all, fieldsOf(entry)), set);
  const last = own === undefined ? emptySet : fieldsOf(own);
  const next = prune(type, merge(type, old, config), last, owned) as KubeObject;
  const compared = compare(type, old, next);
  const [changed, removed] = [differenceBelow(compared.changed, reset), differenceBelow(compared.removed, reset)];
  if (!request.force) refuseConflicts(request, others, changed);
  const settled = isEmptySet(changed) && isEmptySet(removed) && own !== undefined && own.apiVersion === writer.apiVersion && sameSet(last, set);
  const result = others.flatMap((entry) => remaining(entry, difference(difference(fieldsOf(entry), changed), removed)));
  if (settled) result.push(own);
  else if (!isEmptySet(set)) result.push(entryOf(writer, "Apply", sorted(set)));
  return withOwners(withLastApplied(next, config, writer.manager), capped(sortedEntries(result)));
}

function startOf({ type, blank, live, writer, reset }: ApplyRequest): Entries {
  const entries = live?.metadata.managedFields ?? [];
  if (live === undefined || entries.length > 0) return entries;
  return trackUpdate(type, blank, live, [], { ...writer, manager: beforeFirstApply }, reset);
}

/** Throws Conflict. What kubectl once applied on its own side is kubectl's to take. Upstream: lastappliedmanager.go */
function refuseConflicts({ type, live, writer }: ApplyRequest, others: Entries, changed: FieldSet): void {
  const found = conflictsWith(others, changed);
  if (found.length === 0 || live === undefined) return;
  const allowed = writer.manager === "kubectl" ? allowedByLastApplied(type, bare(live), writer.apiVersion) : emptySet;
  const left = found.map(({ entry, fields }) => ({ entry, fields: difference(fields, allowed) })).filter(({ fields }) => !isEmptySet(fields));
  if (left.length > 0) throw conflictError(left);
}

function conflictsWith(others: Entries, changed: FieldSet): readonly Conflict[] {
  return others.map((entry) => ({ entry, fields: intersection(fieldsOf(entry), changed) })).filter(({ fields }) => !isEmptySet(fields));
}

function withOwners(obj: KubeObject, managedFields: Entries): KubeObject {
  const { managedFields: _, ...metadata } = obj.metadata;
  return { ...obj, metadata: { ...metadata, ...(managedFields.length > 0 && { managedFields: managedFields as ManagedFieldsEntry[] }) } };
}
