/** Who owns what after a write that was no apply. Upstream: structured-merge-diff merge/update.go Update, managedfieldsupdater.go, stripmeta.go */
import type { KubeObject, ManagedFieldsEntry } from "../meta.ts";
import { compare, type Comparison } from "./compare.ts";
import { difference, differenceBelow, emptySet, isEmptySet, setOf, sorted, union, type FieldSet } from "./field-set.ts";
import { capped, entryOf, fieldsOf, isOwn, sortedEntries, type Entries, type Writer } from "./managed-fields.ts";
import type { Type } from "./types.ts";

/** Fields that nobody owns. Upstream: stripmeta.go */
export const untracked: FieldSet = setOf(
  ["apiVersion"], ["kind"], ["metadata"],
  ...["name", "namespace", "creationTimestamp", "selfLink", "uid", "clusterName", "generation", "managedFields", "resourceVersion"].map((name) => ["metadata", name]),
);

/** The object as the rules see it: without the list of owners. */
export function bare(obj: KubeObject): KubeObject {
  const { managedFields: _, ...metadata } = obj.metadata;
  return { ...obj, metadata };
}

/**
 * The writer owns what it changed, nobody else does any more, and nobody owns what is gone. Gives `entries` back where
 * nothing changed.
 * @param live where the object is new, what an object of its kind holds before anybody said anything
 * @param reset fields that this write cannot change whatever it says
 */
export function trackUpdate(type: Type, live: KubeObject, next: KubeObject, entries: Entries, writer: Writer, reset: FieldSet): Entries {
  const { changed, removed } = visible(compare(type, bare(live), bare(next)), reset);
  if (isEmptySet(changed) && isEmptySet(removed)) return entries;
  const result: ManagedFieldsEntry[] = [];
  let own = emptySet;
  for (const entry of entries) {
    const left = difference(fieldsOf(entry), removed);
    if (!isEmptySet(changed) && isOwn(entry, writer, "Update")) own = left;
    else result.push(...remaining(entry, difference(left, changed)));
  }
  if (!isEmptySet(changed)) result.push(entryOf(writer, "Update", ordered(own, union(own, changed))));
  return capped(sortedEntries(result));
}

/** The entry with what it still owns; nothing, when that is nothing. */
export const remaining = (entry: ManagedFieldsEntry, left: FieldSet): readonly ManagedFieldsEntry[] =>
  left === entry.fieldsV1 ? [entry] : isEmptySet(left) ? [] : [{ ...entry, fieldsV1: left }];

/** Sets that did not change are in order already. */
const ordered = (before: FieldSet, after: FieldSet): FieldSet => (after === before ? after : sorted(after));

function visible({ changed, removed }: Comparison, reset: FieldSet): Comparison {
  return { changed: difference(differenceBelow(changed, reset), untracked), removed: differenceBelow(removed, reset) };
}
