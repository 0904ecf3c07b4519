import assert from "node:assert/strict";
import { test } from "node:test";
import type { JSONSchemaProps } from "#api/gen/apiextensions-v1.ts";
import type { AnyResource } from "../registry/resource.ts";
import { customDefinitions } from "./custom.ts";
import type { JsonSchema } from "./definitions.ts";

const resourceOf = (schema: JSONSchemaProps | undefined): AnyResource => ({
  group: "example.com", version: "v1", kind: "Widget", schema: "", scope: "Namespaced", names: { plural: "widgets", singular: "widget" }, columns: [],
  custom: { edition: "1", listKind: "WidgetList", versions: ["v1"], read: (object) => ({ object, unknown: [] }), validate: () => [], retired: new AbortController().signal, terminating: false, schema: () => schema },
});

function published(schema: JSONSchemaProps | undefined, dialect: "v2" | "v3"): JsonSchema {
  return customDefinitions(resourceOf(schema), { dialect, describe: () => undefined })["com.example.v1.Widget"] as JsonSchema;
}
const spec = (properties: Record<string, JSONSchemaProps>, more: JSONSchemaProps = {}): JSONSchemaProps => ({ type: "object", properties: { spec: { type: "object", properties, ...more } } });
const specOf = (schema: JSONSchemaProps, dialect: "v2" | "v3"): unknown => (published(schema, dialect)["properties"] as Record<string, unknown>)["spec"];

const cases: readonly [what: string, schema: JSONSchemaProps, v2: unknown, v3: unknown][] = [
  ["junctors are for v3", spec({ a: { type: "string", anyOf: [{ minLength: 1 }] } }), { type: "object", properties: { a: { type: "string" } } }, { type: "object", properties: { a: { type: "string", anyOf: [{ minLength: 1 }] } } }],
  ["what may be null has no type in v2, and is not required", spec({ a: { type: "string", nullable: true }, b: { type: "string" } }, { required: ["a", "b"] }),
    { type: "object", properties: { a: {}, b: { type: "string" } }, required: ["b"] }, { type: "object", properties: { a: { type: "string", nullable: true }, b: { type: "string" } }, required: ["a", "b"] }],
  ["what keeps unknown fields has no properties in v2", spec({ a: { type: "object", properties: { x: { type: "string" } }, "x-kubernetes-preserve-unknown-fields": true } }),
    { type: "object", properties: { a: { "x-kubernetes-preserve-unknown-fields": true } } }, { type: "object", properties: { a: { type: "object", properties: { x: { type: "string" } }, "x-kubernetes-preserve-unknown-fields": true } } }],
  ["int-or-string is unfolded in v3", spec({ a: { "x-kubernetes-int-or-string": true } }), { type: "object", properties: { a: { "x-kubernetes-int-or-string": true } } },
    { type: "object", properties: { a: { "x-kubernetes-int-or-string": true, anyOf: [{ type: "integer" }, { type: "string" }] } } }],
  ["an embedded resource has its meta fields", spec({ a: { type: "object", properties: {}, "x-kubernetes-embedded-resource": true } }),
    { type: "object", properties: { a: { type: "object", "x-kubernetes-embedded-resource": true, properties: { apiVersion: { type: "string" }, kind: { type: "string" }, metadata: { description: "Standard object's metadata.", $ref: "#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta" } }, required: ["kind", "apiVersion"] } } },
    { type: "object", properties: { a: { type: "object", "x-kubernetes-embedded-resource": true, properties: { apiVersion: { type: "string" }, kind: { type: "string" }, metadata: { description: "Standard object's metadata.", allOf: [{ $ref: "#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta" }] } }, required: ["kind", "apiVersion"] } } }],
];
for (const [what, schema, v2, v3] of cases) test(what, () => assert.deepEqual([specOf(schema, "v2"), specOf(schema, "v3")], [v2, v3]));

const gvk = { "x-kubernetes-group-version-kind": [{ group: "example.com", kind: "Widget", version: "v1" }] };
test("a root that keeps everything says nothing of its fields in v2", () => {
  const keeps: JSONSchemaProps = { type: "object", "x-kubernetes-preserve-unknown-fields": true, properties: { spec: { type: "object" } } };
  assert.deepEqual(published(keeps, "v2"), { type: "object", ...gvk });
  assert.deepEqual(Object.keys(published(keeps, "v3")["properties"] as object), ["spec", "apiVersion", "kind", "metadata"]);
  assert.deepEqual(published(undefined, "v3"), { type: "object", ...gvk });
});
