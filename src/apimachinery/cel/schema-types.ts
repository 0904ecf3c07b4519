/** From an OpenAPI schema to the type that expressions see, and to the reader of its values. Upstream: apiserver/pkg/cel/common schemas.go, values.go */
import { isRecord } from "../equal.ts";
import { JsonList, JsonMap, type Reader } from "./containers.ts";
import { escapedKeyword, escapeName } from "./escape.ts";
import { fromJson } from "./json-values.ts";
import { ObjectView, type FieldBinding } from "./object-view.ts";
import { KeyedList, SetList } from "./schema-lists.ts";
import { scalarBinding } from "./schema-scalars.ts";
import * as sizes from "./schema-sizes.ts";
import * as types from "./types.ts";
import type { CelType } from "./types.ts";
import { CelError, type Value } from "./values.ts";

/** A structural schema, or any OpenAPI v3 schema in the same words. */
export interface OpenApiSchema {
  readonly type?: string | undefined;
  readonly format?: string | undefined;
  readonly nullable?: boolean | undefined;
  readonly properties?: Readonly<Record<string, OpenApiSchema>> | undefined;
  /** A schema or a boolean. */
  readonly additionalProperties?: unknown;
  /** A schema. */
  readonly items?: unknown;
  readonly required?: readonly string[] | undefined;
  readonly enum?: readonly unknown[] | undefined;
  readonly default?: unknown;
  readonly maxLength?: number | undefined;
  readonly maxItems?: number | undefined;
  readonly maxProperties?: number | undefined;
  readonly "x-kubernetes-int-or-string"?: boolean | undefined;
  readonly "x-kubernetes-preserve-unknown-fields"?: boolean | undefined;
  readonly "x-kubernetes-embedded-resource"?: boolean | undefined;
  readonly "x-kubernetes-list-type"?: string | undefined;
  readonly "x-kubernetes-list-map-keys"?: readonly string[] | undefined;
}

/** A schema made ready: what is known of its values before they are there, and how they are read then. */
export interface Binding {
  readonly type: CelType;
  readonly read: Reader;
  /** The fewest bytes of JSON that a value takes. */
  readonly minSize: number;
}

const known = { root: new WeakMap<OpenApiSchema, Binding>(), inner: new WeakMap<OpenApiSchema, Binding>() };

/**
 * Undefined where expressions cannot see the values: nothing is known of them.
 * @param resource the root of a resource or of an embedded one, whose apiVersion, kind and metadata are always seen
 */
export function bindSchema(schema: OpenApiSchema, name = "object", resource = false): Binding | undefined {
  const cache = resource || schema["x-kubernetes-embedded-resource"] === true ? known.root : known.inner;
  const before = cache.get(schema);
  if (before !== undefined) return before;
  const bound = nullable(bind(cache === known.root ? withMeta(schema) : schema, name), schema);
  if (bound !== undefined) cache.set(schema, bound);
  return bound;
}

function bind(schema: OpenApiSchema, name: string): Binding | undefined {
  if (schema["x-kubernetes-int-or-string"] === true || (schema.type !== "array" && schema.type !== "object")) return scalarBinding(schema);
  if (schema.type === "array") return isRecord(schema.items) ? listBinding(schema, schema.items, name) : undefined;
  if (isRecord(schema.additionalProperties)) return mapBinding(schema, schema.additionalProperties, name);
  return objectBinding(schema, name);
}

/** A schema of which nothing is known, whose values are seen as they come. */
export function dynamicSchema(): OpenApiSchema {
  const schema = {};
  known.inner.set(schema, { type: types.dynType, read: fromJson, minSize: 2 });
  return schema;
}

const notNullable = new CelError("invalid data, got null for schema with nullable=false");

function nullable(binding: Binding | undefined, schema: OpenApiSchema): Binding | undefined {
  if (binding === undefined) return undefined;
  const whenNull = schema.nullable === true ? null : notNullable;
  const { type, read } = binding;
  return { type, read: (json) => (json === null ? whenNull : read(json)), get minSize() { return binding.minSize; } };
}

const textSchema: OpenApiSchema = { type: "string" };
const metaSchema: OpenApiSchema = { type: "object", properties: { name: textSchema, generateName: textSchema } };

function withMeta(schema: OpenApiSchema): OpenApiSchema {
  const { properties = {} } = schema;
  const { metadata } = properties;
  const complete = metadata?.properties !== undefined && Object.hasOwn(metadata.properties, "name") && Object.hasOwn(metadata.properties, "generateName");
  if (complete && Object.hasOwn(properties, "kind") && Object.hasOwn(properties, "apiVersion")) return schema;
  return { ...schema, type: "object", additionalProperties: undefined, properties: { ...properties, kind: textSchema, apiVersion: textSchema, metadata: complete ? metadata : metaSchema } };
}

function listBinding(schema: OpenApiSchema, items: OpenApiSchema, name: string): Binding | undefined {
  const item = bindSchema(items, `${name}.@idx`);
  if (item === undefined) return undefined;
  const type = { ...types.listType(item.type) };
  Object.defineProperty(type, "maxElements", { enumerable: true, get: () => schema.maxItems ?? sizes.maxItems(item.minSize) });
  const make = listMaker(schema, item.read);
  return { type, minSize: 2, read: (json) => (Array.isArray(json) ? make(json as readonly unknown[]) : wrong("an array", "array")) };
}

function listMaker(schema: OpenApiSchema, read: Reader): (items: readonly unknown[]) => Value {
  const { "x-kubernetes-list-type": kind, "x-kubernetes-list-map-keys": keys = [] } = schema;
  if (kind === "set") return (items) => new SetList(items, read);
  return kind === "map" ? (items) => new KeyedList(items, read, keys) : (items) => new JsonList(items, read);
}

const wrong = (wanted: string, type: string): CelError => new CelError(`invalid data, expected ${wanted} for the provided schema with type=${type}`);

function mapBinding(schema: OpenApiSchema, values: OpenApiSchema, name: string): Binding | undefined {
  const value = bindSchema(values, `${name}.@elem`);
  if (value === undefined) return undefined;
  const type = { ...types.mapType(types.bounded(types.stringType, sizes.maxText), value.type) };
  Object.defineProperty(type, "maxElements", { enumerable: true, get: () => schema.maxProperties ?? sizes.maxProperties(value.minSize) });
  return { type, minSize: 2, read: (json) => (isRecord(json) ? new JsonMap(json, value.read) : wrong("a map", "object")) };
}

function objectBinding(schema: OpenApiSchema, name: string): Binding {
  const fields = new Map<string, OpenApiSchema>();
  const properties = new Map<string, string>();
  for (const property of Object.keys(schema.properties ?? {})) {
    const escaped = escapeName(property);
    if (escaped !== undefined) { properties.set(escaped, property); fields.set(escaped, (schema.properties ?? {})[property] ?? {}); }
  }
  const field = memoized((asked: string): FieldBinding | undefined => {
    const escaped = fields.has(asked) ? asked : escapedKeyword(asked) ?? "";
    const found = fields.get(escaped);
    const binding = found === undefined ? undefined : bindSchema(found, `${name}.${escaped}`);
    return binding === undefined ? undefined : { property: properties.get(escaped) ?? escaped, binding };
  });
  const type: CelType = { kind: "object", name, params: [], field: (asked) => field(asked)?.binding.type, maxElements: 0 };
  return {
    type,
    read: (json) => (isRecord(json) ? new ObjectView(json, field, properties) : wrong("a map", "object")),
    get minSize() { return objectSize(schema, name); },
  };
}

/** Only names that are found are kept: those are as many as the schema has. */
function memoized(find: (name: string) => FieldBinding | undefined): (name: string) => FieldBinding | undefined {
  const known = new Map<string, FieldBinding>();
  return (name) => {
    const before = known.get(name);
    if (before !== undefined) return before;
    const found = find(name);
    if (found !== undefined) known.set(name, found);
    return found;
  };
}

/** Braces, and everything that must be there and is not filled in. */
function objectSize(schema: OpenApiSchema, name: string): number {
  const { properties = {}, required = [] } = schema;
  return required.reduce((sum, property) => {
    const field = Object.hasOwn(properties, property) ? properties[property] : undefined;
    const binding = field === undefined || field.default !== undefined ? undefined : bindSchema(field, `${name}.${property}`);
    return binding === undefined ? sum : sum + property.length + binding.minSize + 4;
  }, 2);
}
