/** Schemas of types, the same for OpenAPI v2 and v3 but for how a reference is written. */
import { isPrimitive, type ApiSchema, type FieldSchema, type TypeName, type TypeSchema } from "#apimachinery/schema.ts";
import { definitionName, referenced, wellKnown } from "./names.ts";

export interface JsonSchema { readonly [key: string]: unknown }
export type Definitions = Record<string, JsonSchema>;

export interface GroupVersionKind { readonly group: string; readonly version: string; readonly kind: string }

export interface DefinitionOptions {
  readonly schema: ApiSchema;
  readonly dialect: "v2" | "v3";
  /** Kinds that are served as this type: `x-kubernetes-group-version-kind`. */
  readonly kindsOf: (type: TypeName) => readonly GroupVersionKind[];
  /** What `kubectl explain` prints of a type or of one of its fields. */
  readonly describe: Describe;
}
/** `field` is empty for the type itself. */
export type Describe = (type: TypeName, field: string) => string | undefined;

/** The definitions of `roots` and of all that they refer to, in the order of their published names. Each is made when it is asked for: all of them take long. */
export function* definitionsOf(roots: Iterable<TypeName>, options: DefinitionOptions): Generator<readonly [name: string, definition: JsonSchema]> {
  const found = new Map<string, () => JsonSchema>();
  const pending = [...roots];
  const seen = new Set<TypeName>();
  for (let type = pending.pop(); type !== undefined; type = pending.pop()) {
    const schema = options.schema.types[type];
    if (schema === undefined || seen.has(type)) continue;
    seen.add(type);
    found.set(definitionName(type), () => typeDefinition(type, schema, options));
    for (const field of Object.values(schema.fields)) {
      if (!isPrimitive(field.type)) pending.push(field.type);
      else if (Object.hasOwn(wellKnown, field.type)) found.set(wellKnown[field.type as keyof typeof wellKnown], () => wellKnownDefinition(field.type, options.dialect));
    }
  }
  for (const [name, make] of [...found].toSorted(([a], [b]) => (a < b ? -1 : 1))) yield [name, make()];
}

function typeDefinition(type: TypeName, { fields }: TypeSchema, options: DefinitionOptions): JsonSchema {
  const required = Object.entries(fields).filter(([, f]) => isRequired(f)).map(([name]) => name);
  const kinds = options.kindsOf(type);
  return {
    ...described(options.describe(type, "")),
    type: "object",
    ...(required.length > 0 && { required }),
    properties: Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, property(type, name, field, options)])),
    ...(kinds.length > 0 && { "x-kubernetes-group-version-kind": kinds }),
  };
}

const isRequired = (f: FieldSchema): boolean => f.required === true || (f.optional !== true && f.omitempty !== true && f.pointer !== true);
const described = (text: string | undefined): JsonSchema => (text === undefined ? {} : { description: text });

function property(owner: TypeName, name: string, field: FieldSchema, options: DefinitionOptions): JsonSchema {
  const extensions = {
    ...(field.listMapKeys && { "x-kubernetes-list-map-keys": field.listMapKeys }),
    ...(field.listType && { "x-kubernetes-list-type": field.listType }),
    ...(field.mapType && { "x-kubernetes-map-type": field.mapType }),
    ...(field.patchMergeKey && { "x-kubernetes-patch-merge-key": field.patchMergeKey }),
    ...(field.patchStrategy && { "x-kubernetes-patch-strategy": field.patchStrategy }),
  };
  const enumeration = field.enum === undefined || field.shape !== undefined ? undefined : options.schema.enums[field.enum];
  const base = shaped(field, options.dialect);
  return { ...described(options.describe(owner, name)), ...base, ...(enumeration !== undefined && enumeration.length > 0 && { enum: enumeration }), ...extensions };
}

function shaped(field: FieldSchema, dialect: "v2" | "v3"): JsonSchema {
  const element = elementSchema(field, dialect);
  if (field.shape === "list") return { type: "array", items: element };
  if (field.shape === "map") return { type: "object", additionalProperties: element };
  if (field.shape === "lists") return { type: "object", additionalProperties: { type: "array", items: element } };
  return element;
}

const plain: Readonly<Record<string, JsonSchema>> = {
  string: { type: "string" }, bool: { type: "boolean" }, double: { type: "number", format: "double" }, bytes: { type: "string", format: "byte" },
  int32: { type: "integer", format: "int32" }, int64: { type: "integer", format: "int64" }, uint8: { type: "integer", format: "byte" },
  uint32: { type: "integer", format: "int64" }, uint64: { type: "integer", format: "int64" },
  Any: { "x-kubernetes-preserve-unknown-fields": true }, // an empty schema is none to kubectl explain
};

function elementSchema(field: FieldSchema, dialect: "v2" | "v3"): JsonSchema {
  const target = referenced(field);
  if (target === undefined) return plain[field.type] ?? plain["Any"] as JsonSchema;
  return dialect === "v2" ? { $ref: `#/definitions/${target}` } : { allOf: [{ $ref: `#/components/schemas/${target}` }] };
}

/** Upstream: the OpenAPISchemaType and OpenAPISchemaFormat of these types. */
function wellKnownDefinition(type: string, dialect: "v2" | "v3"): JsonSchema {
  switch (type) {
    case "Time": case "MicroTime": return { type: "string", format: "date-time" };
    case "Quantity": return dialect === "v2" ? { type: "string" } : { oneOf: [{ type: "string" }, { type: "number" }] };
    case "IntOrString": return dialect === "v2" ? { type: "string", format: "int-or-string" } : { format: "int-or-string", oneOf: [{ type: "integer" }, { type: "string" }] };
    case "RawExtension": return { type: "object" };
    default: return { type: "string" };
  }
}
