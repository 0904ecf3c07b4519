/** What a manager no longer applies goes away, unless somebody else owns it. Upstream: structured-merge-diff merge/update.go prune, typed/remove.go */
import { isRecord } from "../equal.ts";
import { setOwn } from "../records.ts";
import { fieldSetOf, withNamedFields } from "./field-set-of.ts";
import { below, difference, intersection, isEmptySet, isMember, union, type FieldSet } from "./field-set.ts";
import { elementStep, fieldStep } from "./path-element.ts";
import { shapeOf, typeUnder, type ListType, type MapType, type Type } from "./types.ts";

/**
 * @param merged the live object with the configuration laid over it
 * @param last what this manager applied before
 * @param owned what everybody owns now, this manager's new set among them
 */
export function prune(type: Type, merged: unknown, last: FieldSet, owned: FieldSet): unknown {
  if (isEmptySet(difference(last, owned))) return merged;
  const named = (set: FieldSet): FieldSet => withNamedFields(set, type);
  const all = named(fieldSetOf(type, merged));
  const before = named(last);
  const bare = named(fieldSetOf(type, removeFields(type, merged, before)));
  const kept = removeFields(type, merged, difference(all, union(bare, named(owned))));
  const lost = difference(all, named(fieldSetOf(type, kept)));
  return removeFields(type, merged, intersection(lost, before));
}

/** The value without the members of `set`. What becomes empty becomes null, and so does an atomic value into which the set reaches, as upstream has it. */
function removeFields(type: Type, value: unknown, set: FieldSet): unknown {
  const shape = shapeOf(type, value);
  if (shape.kind === "scalar") return value;
  if (shape.kind === "map") return isRecord(value) && !shape.atomic ? withoutFields(shape, value, set) : null;
  return Array.isArray(value) && shape.relation !== "atomic" ? withoutElements(shape, value, set) : null;
}

function withoutFields(map: MapType, value: Record<string, unknown>, set: FieldSet): Record<string, unknown> | null {
  const result: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    const node = set[fieldStep(key)];
    if (node !== undefined && isMember(node)) continue;
    const type = typeUnder(map, key);
    setOwn(result, key, node === undefined || type === undefined ? value[key] : removeFields(type, value[key], node));
  }
  return Object.keys(result).length > 0 ? result : null;
}

function withoutElements(list: ListType, value: readonly unknown[], set: FieldSet): unknown[] | null {
  const result: unknown[] = [];
  for (const element of value) {
    const found = elementStep(list, element);
    const node = "problem" in found ? undefined : set[found.step];
    if (node === undefined) result.push(element);
    else if (!isMember(node)) result.push(removeFields(list.element, element, below(node)));
  }
  return result.length > 0 ? result : null;
}
