/**
 * The v2 document as protobuf (`openapi.v2.Document` of gnostic), which kubectl before 1.27 asks for and takes
 * nothing else. Only what this server's own documents use.
 */
import type { JsonSchema } from "./definitions.ts";
import type { Format } from "./format.ts";
import { pathsV2 } from "./v2.ts";

export const protobufV2 = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";

export const v2Proto: Format = {
  dialect: "v2", mediaType: protobufV2, pathsOf: pathsV2, separator: new Uint8Array(),
  pathEntry: (path, item) => nested(2, named(path, pathItem(item as Readonly<Record<string, JsonSchema>>))),
  definitionEntry: (name, schema) => nested(1, named(name, encodeSchema(schema))),
  around: (version, paths, definitions) => [
    text(1, "2.0"), nested(2, message(text(1, "Kubernetes"), text(2, version))), head(8, paths), ...paths, head(9, definitions), ...definitions,
  ],
};

/** What stands before a nested message that follows in pieces. */
function head(field: number, pieces: readonly Uint8Array[]): Uint8Array {
  return Buffer.from([...varint((field << 3) | 2), ...varint(pieces.reduce((sum, { byteLength }) => sum + byteLength, 0))]);
}

const methods: Readonly<Record<string, number>> = { get: 2, put: 3, post: 4, delete: 5, patch: 8 };
const pathItem = (item: Readonly<Record<string, JsonSchema>>): Uint8Array =>
  message(...Object.entries(item).map(([method, op]) => nested(methods[method] ?? 0, operation(op as unknown as Operation))));

interface Operation {
  readonly tags: readonly string[]; readonly operationId: string; readonly consumes: readonly string[]; readonly produces: readonly string[]; readonly schemes: readonly string[];
  readonly parameters: readonly Parameter[]; readonly responses: Readonly<Record<string, { readonly description: string; readonly schema?: JsonSchema }>>;
}
interface Parameter { readonly name: string; readonly in: "body" | "query" | "path"; readonly required?: boolean; readonly type?: string; readonly schema?: JsonSchema }

function operation(op: Operation): Uint8Array {
  const responses = Object.entries(op.responses).map(([code, { description, schema }]) =>
    nested(1, named(code, message(nested(1, message(text(1, description), ...(schema ? [nested(2, message(nested(1, encodeSchema(schema))))] : [])))))));
  return message(
    ...op.tags.map((tag) => text(1, tag)), text(5, op.operationId), ...op.produces.map((t) => text(6, t)), ...op.consumes.map((t) => text(7, t)),
    ...op.parameters.map((p) => nested(8, message(nested(1, parameter(p))))),
    nested(9, message(...responses)), ...op.schemes.map((s) => text(10, s)), ...extensions(op as unknown as JsonSchema, 13),
  );
}

function parameter(p: Parameter): Uint8Array {
  if (p.in === "body") return message(nested(1, message(text(2, p.name), text(3, "body"), flag(4, p.required), nested(5, encodeSchema(p.schema ?? {})))));
  const fields = message(flag(1, p.required), text(2, p.in), text(4, p.name), text(p.in === "query" ? 6 : 5, p.type ?? "string"));
  return message(nested(2, message(nested(p.in === "query" ? 3 : 4, fields))));
}

function encodeSchema(schema: JsonSchema): Uint8Array {
  const { $ref, format, description, required, type, items, properties, additionalProperties } = schema as {
    readonly $ref?: string; readonly format?: string; readonly description?: string; readonly required?: readonly string[]; readonly type?: string;
    readonly items?: JsonSchema; readonly properties?: Readonly<Record<string, JsonSchema>>; readonly additionalProperties?: JsonSchema | boolean;
  };
  return message(
    text(1, $ref), text(2, format), text(4, description), ...(required ?? []).map((name) => text(19, name)),
    additionalProperties === undefined ? none : nested(21, typeof additionalProperties === "boolean" ? flag(2, additionalProperties) : message(nested(1, encodeSchema(additionalProperties)))),
    type === undefined ? none : nested(22, message(text(1, type))),
    items === undefined ? none : nested(23, message(nested(1, encodeSchema(items)))),
    properties === undefined ? none : nested(25, message(...Object.entries(properties).map(([name, value]) => nested(1, named(name, encodeSchema(value)))))),
    ...extensions(schema, 31),
  );
}

/** `x-` fields as NamedAny whose value is YAML, which JSON is. */
const extensions = (source: JsonSchema, field: number): Uint8Array[] =>
  Object.entries(source).filter(([name]) => name.startsWith("x-")).map(([name, value]) => nested(field, named(name, message(text(2, `${JSON.stringify(value)}\n`)))));

const none: Uint8Array = new Uint8Array();
const message = (...parts: readonly Uint8Array[]): Uint8Array => Buffer.concat(parts);
const named = (name: string, value: Uint8Array): Uint8Array => message(text(1, name), nested(2, value));
const flag = (field: number, value: boolean | undefined): Uint8Array => (value === true ? Buffer.from([...varint(field << 3), 1]) : none);
const text = (field: number, value: string | undefined): Uint8Array => (value === undefined || value === "" ? none : nested(field, Buffer.from(value)));
const nested = (field: number, bytes: Uint8Array): Uint8Array => Buffer.concat([Buffer.from([...varint((field << 3) | 2), ...varint(bytes.byteLength)]), bytes]);

function varint(value: number): number[] {
  const bytes: number[] = [];
  for (; value > 127; value >>>= 7) bytes.push((value & 127) | 128);
  return [...bytes, value];
}
