/** Every message of the API, filled to its last field, survives the way through protobuf. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { decode } from "#apimachinery/decode.ts";
import { decodeProto } from "#apimachinery/proto/decode.ts";
import { encodeProto } from "#apimachinery/proto/encode.ts";
import type { FieldSchema, TypeName } from "#apimachinery/schema.ts";
import golden from "./proto.golden.json" with { type: "json" };
import { apiSchema, schemaTypeOf } from "./schema.ts";

const props = { type: "object", description: "d", enum: [1, "a", null], default: { a: [1.5] }, properties: { x: { type: "string", minLength: 0 } } };
const unions: Readonly<Record<string, unknown>> = {
  "v1.JSONSchemaPropsOrArray": [props, { type: "string" }], "v1.JSONSchemaPropsOrBool": props, "v1.JSONSchemaDependencies": ["a", "b"], "v1.CustomResourceSubresourceStatus": {},
};

/** A value that is not zero; `depth` ends types that hold themselves. */
function valueOf(field: FieldSchema, seed: number, depth: number): unknown {
  switch (field.type) {
    case "string": return `text-${seed} ü`;
    case "bytes": return Buffer.from(`bytes ${seed}`).toString("base64");
    case "bool": return true;
    case "double": return seed + 0.5;
    case "int64": return seed % 2 === 0 ? -seed - 1 : 2 ** 40 + seed;
    case "int32": case "uint8": case "uint32": case "uint64": return seed + 1;
    case "Time": return "2026-01-02T03:04:05Z";
    case "MicroTime": return "2026-01-02T03:04:05.678901Z";
    case "Duration": return "90s";
    case "Quantity": return `${seed + 1}Mi`;
    case "IntOrString": return seed % 2 === 0 ? seed + 1 : "25%";
    case "RawExtension": return { kind: "Any", n: seed };
    case "Any": return unions[field.go ?? ""] ?? { "f:a": {}, n: [seed, null, "x"] };
    default: return filled(field.type, depth + 1);
  }
}

function shaped(field: FieldSchema, seed: number, depth: number): unknown {
  switch (field.shape) {
    case "list": return [valueOf(field, seed, depth), valueOf(field, seed + 2, depth)];
    case "map": return { b: valueOf(field, seed, depth), "a/é": valueOf(field, seed + 2, depth) };
    case "lists": return { k: ["x", "y"], e: [] };
    case undefined: return valueOf(field, seed, depth);
  }
}

function filled(type: TypeName, depth: number): Record<string, unknown> {
  if (depth > 6) return {};
  const fields = Object.entries(apiSchema.types[type]?.fields ?? {}).filter(([, field]) => field.number !== undefined);
  const shallow = depth > 1 ? fields.filter(([, field]) => field.type !== type) : fields;
  return Object.fromEntries(shallow.map(([name, field], i) => [name, shaped(field, i, depth)]));
}

const types = Object.entries(apiSchema.types).filter(([, { fields }]) => Object.values(fields).some(({ number }) => number !== undefined)).map(([type]) => type);

describe("through protobuf and back", () => {
  test("the tables hold what is tested", () => assert.ok(types.length > 600, `${types.length} types`));
  for (const type of types) {
    test(type, () => {
      for (const value of [filled(type, 0), {}]) {
        const canonical = decode(apiSchema, type, value).object;
        const back = decode(apiSchema, type, decodeProto(apiSchema, type, encodeProto(apiSchema, type, canonical)));
        assert.deepEqual(back.object, canonical);
        assert.deepEqual(back.unknown, []);
      }
    });
  }
});

describe("the bytes are those of upstream's Go types (release 1.20, messages that are the same in 1.36)", () => {
  for (const { type, value, hex } of golden as readonly { readonly type: TypeName; readonly value: object; readonly hex: string }[]) {
    test(type, () => assert.equal(encodeProto(apiSchema, type, decode(apiSchema, type, value).object).toString("hex"), hex));
  }
});

test("a kind is found by its apiVersion", () => {
  const cases = [["v1", "Pod", "core/v1.Pod"], ["v1", "Status", "meta/v1.Status"], ["rbac.authorization.k8s.io/v1", "Role", "rbac/v1.Role"], ["meta.k8s.io/v1", "PartialObjectMetadata", "meta/v1.PartialObjectMetadata"], ["apps/v1", "Pod", undefined], ["", "APIVersions", "meta/v1.APIVersions"]] as const;
  for (const [apiVersion, kind, type] of cases) assert.equal(schemaTypeOf(apiVersion, kind), type);
});
