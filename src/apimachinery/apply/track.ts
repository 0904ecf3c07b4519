/** Who owns what after a write that was no apply. Upstream: structured-merge-diff merge/update.go Update, managedfieldsupdater.go, stripmeta.go */
import type { KubeObject, ManagedFieldsEntry } from "../meta.ts";
import { compare, type Comparison } from "./compare.ts";
import { difference, differenceBelow, emptySet, isEmptySet, setOf, sorted, union, type FieldSet } from "./field-set.ts";
import { capped, entryOf, fieldsOf, isOwn, sortedEntries, type Entries, type Writer } from "./managed-fields.ts";
import type { Type } from "./types.ts";

/** The type of an object in one of its versions. */
export type Types = (apiVersion: string) => Type;

/** Fields that nobody owns. Upstream: apimachinery/pkg/util/managedfields/internal/stripmeta.go */
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
export function trackUpdate(types: Types, live: KubeObject, next: KubeObject, entries: Entries, writer: Writer, reset: FieldSet): Entries {
  const between = comparisons(types, bare(live), bare(next), (found) => visible(found, reset));
  const { changed, removed } = between(writer);
  if (isEmptySet(changed) && isEmptySet(removed)) return entries;
  const result: ManagedFieldsEntry[] = [];
  let own = emptySet;
  for (const entry of entries) {
    const theirs = between(entry);
    const left = difference(fieldsOf(entry), theirs.removed);
    if (!isEmptySet(changed) && isOwn(entry, writer, "Update")) own = left;
    else result.push(...remaining(entry, difference(left, theirs.changed)));
  }
  if (!isEmptySet(changed)) result.push(entryOf(writer, "Update", ordered(own, union(own, changed))));
  return capped(sortedEntries(result));
}

/** What is changed and removed between two states, as each version's type sees it; each is looked at once. */
export function comparisons(types: Types, old: unknown, next: unknown, seen: (found: Comparison) => Comparison): (by: { readonly apiVersion?: string }) => Comparison {
  const known = new Map<Type, Comparison>();
  return ({ apiVersion = "" }) => {
    const type = types(apiVersion);
    let found = known.get(type);
    if (found === undefined) known.set(type, (found = seen(compare(type, old, next))));
    return found;
  };
}

/** The entry with what it still owns; nothing, when that is nothing. */
export const remaining = (entry: ManagedFieldsEntry, left: FieldSet): readonly ManagedFieldsEntry[] =>
  left === entry.fieldsV1 ? [entry] : isEmptySet(left) ? [] : [{ ...entry, fieldsV1: left }];

/** Sets that did not change are in order already. */
const ordered = (before: FieldSet, after: FieldSet): FieldSet => (after === before ? after : sorted(after));

function visible({ changed, removed }: Comparison, reset: FieldSet): Comparison {
  return { changed: difference(differenceBelow(changed, reset), untracked), removed: differenceBelow(removed, reset) };
}
