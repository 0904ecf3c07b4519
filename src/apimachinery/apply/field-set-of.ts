/** The fields that an object states. Upstream: structured-merge-diff typed/tofieldset.go */
import { isRecord } from "../equal.ts";
import { below, emptySet, isMember, leaf, nodeOf, type FieldSet } from "./field-set.ts";
import { elementStep, fieldStep } from "./path-element.ts";
import { shapeOf, typeUnder, type ListType, type MapType, type Type } from "./types.ts";

/** Every leaf of the object, every element of a list with identities, every entry of a map. */
export const fieldSetOf = (type: Type, value: unknown): FieldSet => below(nodeFor(type, value, false) ?? emptySet);

/** @param stated whether the path to the value is a member whatever lies below it */
function nodeFor(type: Type, value: unknown, stated: boolean): FieldSet | undefined {
  const shape = shapeOf(type, value);
  if (shape.kind === "map" && !shape.atomic) return nodeOf(stated, isRecord(value) ? ofMap(shape, value) : emptySet);
  if (shape.kind === "list" && shape.relation !== "atomic") return nodeOf(stated, Array.isArray(value) ? ofList(shape, value) : emptySet);
  return leaf;
}

function ofMap(map: MapType, value: Record<string, unknown>): FieldSet {
  const result: Record<string, FieldSet> = {};
  for (const key of Object.keys(value)) {
    const item = value[key];
    const type = typeUnder(map, key);
    if (item === undefined || type === undefined) continue;
    const stated = map.field(key) === undefined || item === null || (isRecord(item) && Object.keys(item).length === 0);
    const node = nodeFor(type, item, stated);
    if (node !== undefined) result[fieldStep(key)] = node;
  }
  return result;
}

/** An element that comes twice is stated, and nothing below it. */
function ofList(list: ListType, value: readonly unknown[]): FieldSet {
  const result: Record<string, FieldSet> = {};
  for (const element of value) {
    const found = elementStep(list, element);
    if ("problem" in found) continue;
    const node = result[found.step] === undefined ? nodeFor(list.element, element, true) : leaf;
    if (node !== undefined) result[found.step] = node;
  }
  return result;
}

/** The set with every declared field on the way to a member a member too. Upstream: Set.EnsureNamedFieldsAreMembers */
export function withNamedFields(set: FieldSet, type: Type): FieldSet {
  const shape = shapeOf(type, undefined);
  const result: Record<string, FieldSet> = {};
  for (const step of Object.keys(set)) {
    if (step === ".") continue;
    const node = set[step] ?? leaf;
    const name = step.slice(2);
    const declared = shape.kind === "map" && step.startsWith("f:") ? shape.field(name) : undefined;
    const inner = declared ?? (shape.kind === "map" ? shape.rest : shape.kind === "list" && step.startsWith("k:") ? shape.element : undefined);
    const rest = inner === undefined ? below(node) : withNamedFields(node, inner);
    result[step] = nodeOf(isMember(node) || declared !== undefined, rest) ?? leaf;
  }
  return result;
}
