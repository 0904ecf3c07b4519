/** `x-kubernetes-list-type` and its kin. Upstream: apiextensions-apiserver/pkg/apis/apiextensions/validation ValidateCustomResourceDefinitionOpenAPISchema, validateMapListKeysMapSet */
import type { JSONSchemaProps } from "#api/gen/apiextensions-v1.ts";
import { isRecord } from "#apimachinery/equal.ts";
import type { Cause } from "#apimachinery/status.ts";
import { forbidden, invalidValue, notSupported, required } from "#apimachinery/validation/causes.ts";

const typeMustBe = (schema: JSONSchemaProps, path: string, type: string, extension: string): readonly Cause[] => {
  if (schema.type === type) return [];
  const text = `must be ${type} if ${extension} is specified`;
  return [schema.type ? invalidValue(`${path}.type`, schema.type, text) : required(`${path}.type`, text)];
};

export function mapTypeRules(schema: JSONSchemaProps, path: string): readonly Cause[] {
  const mapType = schema["x-kubernetes-map-type"];
  if (mapType === undefined) return [];
  const known = mapType === "atomic" || mapType === "granular";
  return [...typeMustBe(schema, path, "object", "x-kubernetes-map-type"), ...(known ? [] : [notSupported(`${path}.x-kubernetes-map-type`, mapType, ["atomic", "granular"])])];
}

export function listRules(schema: JSONSchemaProps, path: string): readonly Cause[] {
  const listType = schema["x-kubernetes-list-type"];
  const items = isRecord(schema.items) ? (schema.items as JSONSchemaProps) : undefined;
  const causes: Cause[] = [];
  if (listType !== undefined && schema.type !== "array") causes.push(...typeMustBe(schema, path, "array", "x-kubernetes-list-type"));
  else if (listType === "set" && items !== undefined) causes.push(...atomicItems(items, path));
  if (listType !== undefined && !["atomic", "set", "map"].includes(listType)) causes.push(notSupported(`${path}.x-kubernetes-list-type`, listType, ["atomic", "set", "map"]));
  const keys = schema["x-kubernetes-list-map-keys"] ?? [];
  if (keys.length > 0 && listType === undefined) causes.push(required(`${path}.x-kubernetes-list-type`, "must be map if x-kubernetes-list-map-keys is non-empty"));
  else if (keys.length > 0 && listType !== "map") causes.push(invalidValue(`${path}.x-kubernetes-list-type`, listType, "must be map if x-kubernetes-list-map-keys is non-empty"));
  if (listType === "map") causes.push(...mapRules(schema, items, keys, path));
  if ((listType === "map" || listType === "set") && items !== undefined) causes.push(...itemRules(items, listType, keys, path));
  return causes;
}

function atomicItems(items: JSONSchemaProps, path: string): readonly Cause[] {
  const text = "must be atomic as item of a list with x-kubernetes-list-type=set";
  const [listType, mapType] = [items["x-kubernetes-list-type"], items["x-kubernetes-map-type"]];
  if (items.type === "array" && listType !== undefined && listType !== "atomic") return [invalidValue(`${path}.items.x-kubernetes-list-type`, listType, text)];
  return items.type === "object" && mapType !== "atomic" ? [invalidValue(`${path}.items.x-kubernetes-map-type`, mapType ?? null, text)] : [];
}

function mapRules(schema: JSONSchemaProps, items: JSONSchemaProps | undefined, keys: readonly string[], path: string): readonly Cause[] {
  const causes: Cause[] = [];
  if (keys.length === 0) causes.push(required(`${path}.x-kubernetes-list-map-keys`, "must not be empty if x-kubernetes-list-type is map"));
  if (schema.items === undefined) causes.push(required(`${path}.items`, "must have a schema if x-kubernetes-list-type is map"));
  else if (items === undefined) causes.push(invalidValue(`${path}.items`, schema.items, "must only have a single schema if x-kubernetes-list-type is map"));
  if (items === undefined) return causes;
  if (items.type !== "object") return [...causes, invalidValue(`${path}.items.type`, items.type ?? "", "must be object if parent array's x-kubernetes-list-type is map")];
  return [...causes, ...keys.flatMap((key, i) => keyRules(items, keys, i, key, path))];
}

function keyRules(items: JSONSchemaProps, keys: readonly string[], i: number, key: string, path: string): readonly Cause[] {
  const property = propertyOf(items, key);
  const causes: Cause[] = [];
  if (property === undefined) causes.push(invalidValue(`${path}.x-kubernetes-list-map-keys`, keys, "entries must all be names of item properties"));
  else if (property.type === "array" || property.type === "object") causes.push(invalidValue(`${path}.items.properties[${key}].type`, items.type ?? "", "must be a scalar type if parent array's x-kubernetes-list-type is map"));
  if (keys.indexOf(key) < i) causes.push(invalidValue(`${path}.x-kubernetes-list-map-keys`, keys, "must not contain duplicate entries"));
  return causes;
}

const propertyOf = ({ properties = {} }: JSONSchemaProps, name: string): JSONSchemaProps | undefined => (Object.hasOwn(properties, name) ? properties[name] : undefined);

function itemRules(items: JSONSchemaProps, listType: string, keys: readonly string[], path: string): readonly Cause[] {
  const causes: Cause[] = items.nullable === true ? [forbidden(`${path}.items.nullable`, `cannot be nullable when x-kubernetes-list-type is ${listType}`)] : [];
  if (listType !== "map") return causes;
  for (const key of keys) {
    const property = propertyOf(items, key);
    const at = `${path}.items.properties[${key}]`;
    if (property === undefined) continue;
    if (items.required?.includes(key) !== true && property.default === undefined) causes.push(required(`${at}.default`, "this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property"));
    if (property.nullable === true) causes.push(forbidden(`${at}.nullable`, "this property is in x-kubernetes-list-map-keys, so it cannot be nullable"));
  }
  return causes;
}
