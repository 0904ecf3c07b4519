/** Types out of a custom resource's structural schema. Upstream: kube-openapi pkg/schemaconv/openapi.go, apiextensions structured-merge-diff conversion */
import { isRecord } from "../equal.ts";
import { getOwn } from "../records.ts";
import { anyScalar, deduced, openAtomic, type ListKey, type MapType, type ScalarType, type Type } from "./types.ts";

/** The part of an OpenAPI schema that says who owns what. */
export interface StructuralSchema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, StructuralSchema>>;
  readonly additionalProperties?: StructuralSchema | boolean;
  readonly items?: StructuralSchema;
  readonly default?: unknown;
  readonly "x-kubernetes-list-type"?: string;
  readonly "x-kubernetes-list-map-keys"?: readonly string[];
  readonly "x-kubernetes-map-type"?: string;
  readonly "x-kubernetes-preserve-unknown-fields"?: boolean;
  readonly "x-kubernetes-int-or-string"?: boolean;
  readonly "x-kubernetes-embedded-resource"?: boolean;
}

/**
 * The type of a custom resource: its own schema, with `metadata` as every object has it. Without a schema everything is
 * deduced from the values.
 */
export function structuralType(schema: StructuralSchema | undefined, metadata: Type): Type {
  if (schema === undefined) return deduced;
  return objectType(schema, metadata);
}

const scalars: Readonly<Record<string, ScalarType>> = {
  string: { kind: "scalar", of: "string" }, integer: { kind: "scalar", of: "numeric" }, number: { kind: "scalar", of: "numeric" }, boolean: { kind: "scalar", of: "boolean" },
};

/** An object with apiVersion, kind and metadata of its own: a resource, or one embedded in another. */
function objectType(schema: StructuralSchema, metadata: Type): MapType {
  const own = mapType(schema, metadata);
  const text: Type = { kind: "scalar", of: "string" };
  return { ...own, field: (name) => (name === "metadata" ? metadata : name === "apiVersion" || name === "kind" ? text : own.field(name)) };
}

function typeOf(schema: StructuralSchema, metadata: Type): Type {
  if (schema["x-kubernetes-int-or-string"] === true) return anyScalar;
  if (schema["x-kubernetes-embedded-resource"] === true) return objectType(schema, metadata);
  const scalar = schema.type === undefined || !Object.hasOwn(scalars, schema.type) ? undefined : scalars[schema.type];
  if (scalar !== undefined) return scalar;
  if (schema.type === "array") return listType(schema, metadata);
  if (schema.type === "object" || schema.properties !== undefined) return mapType(schema, metadata);
  return schema["x-kubernetes-preserve-unknown-fields"] === true ? deduced : openAtomic;
}

function listType(schema: StructuralSchema, metadata: Type): Type {
  const said = schema["x-kubernetes-list-type"];
  const element = schema.items === undefined ? openAtomic : typeOf(schema.items, metadata);
  return { kind: "list", relation: said === "set" || said === "map" ? said : "atomic", keys: keysOf(schema), element };
}

function keysOf(schema: StructuralSchema): readonly ListKey[] {
  return [...(schema["x-kubernetes-list-map-keys"] ?? [])].sort().map((name): ListKey => {
    const fallback = schema.items?.properties?.[name]?.default;
    return isScalar(fallback) ? { name, fallback } : { name };
  });
}

const isScalar = (value: unknown): value is string | number | boolean => typeof value === "string" || typeof value === "number" || typeof value === "boolean";

function mapType(schema: StructuralSchema, metadata: Type): MapType {
  const properties = schema.properties ?? {};
  const types = new Map<string, Type>();
  const field = (name: string): Type | undefined => {
    const known = types.get(name);
    const found = known === undefined ? getOwn(properties, name) : undefined;
    if (!isRecord(found)) return known;
    const type = typeOf(found, metadata);
    types.set(name, type);
    return type;
  };
  return { kind: "map", atomic: schema["x-kubernetes-map-type"] === "atomic", field, rest: restOf(schema, metadata) };
}

function restOf(schema: StructuralSchema, metadata: Type): Type | undefined {
  if (schema["x-kubernetes-preserve-unknown-fields"] === true) return deduced;
  const { additionalProperties } = schema;
  if (isRecord(additionalProperties)) return typeOf(additionalProperties as StructuralSchema, metadata);
  return additionalProperties === true ? deduced : undefined;
}
