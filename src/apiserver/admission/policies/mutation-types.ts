/** The object types that mutations make: `Object{...}`, `Object.spec{...}`, `JSONPatch{...}`. Upstream: apiserver/pkg/cel/mutation */
import { MapValue, ListValue } from "#apimachinery/cel/containers.ts";
import { StructValue } from "#apimachinery/cel/struct-value.ts";
import { dynType, objectType, stringType, type CelType } from "#apimachinery/cel/types.ts";
import type { Value } from "#apimachinery/cel/values.ts";

const jsonPatchType = objectType("JSONPatch", new Map([["op", stringType], ["path", stringType], ["from", stringType], ["value", dynType]]));

/** Fields of objects are not checked before they are there. */
export function mutationTypes(name: string): CelType | undefined {
  if (name === "JSONPatch") return jsonPatchType;
  return name === "Object" || name.startsWith("Object.") ? { kind: "object", name, params: [], field: () => dynType } : undefined;
}

/** Why an object is not named after the path that it stands at, or undefined. Upstream: CheckTypeNamesMatchFieldPathNames */
export function misnamed(value: Value, path: string): string | undefined {
  if (value instanceof ListValue) return firstOf(value.toArray(), (item) => misnamed(item, path));
  if (!(value instanceof StructValue)) return value instanceof MapValue ? firstOf(value.keys(), (key) => (typeof key === "string" ? misnamed(value.get(key) ?? null, `${path}.${key}`) : undefined)) : undefined;
  if (value.typeName !== path) return `unexpected type name "${value.typeName}", expected "${path}", which matches field name path from root Object type`;
  return firstOf(value.keys(), (key) => misnamed(value.get(key) ?? null, `${path}.${key as string}`));
}

function firstOf<T>(items: readonly T[], find: (item: T) => string | undefined): string | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}
