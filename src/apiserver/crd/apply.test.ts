import assert from "node:assert/strict";
import { test } from "node:test";
import type { KubeObject } from "#apimachinery/meta.ts";
import { crds, startServer, widgetDefinition, widgets } from "./fixture.ts";

const yaml = { "content-type": "application/apply-patch+yaml" };
const widget = (spec: object, rest: object = {}): object => ({ apiVersion: "example.com/v1", kind: "Widget", metadata: { name: "w" }, spec, ...rest });

test("custom resources are applied by their structural schema", async (t) => {
  const { send, condition } = await startServer(t);
  const rules = { type: "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"], items: { type: "object", required: ["name"], properties: { name: { type: "string" }, value: { type: "string" } } } };
  await send("POST", crds, widgetDefinition({ spec: { type: "object", properties: { size: { type: "integer" }, rules } }, status: { type: "object", properties: { ready: { type: "boolean" } } } }, { subresources: { status: {} } }));
  await condition("widgets.example.com", "Established");
  const apply = async (manager: string, body: object, door = ""): Promise<KubeObject & { spec: unknown; message?: string }> =>
    (await send("PATCH", `${widgets}/w${door}?fieldManager=${manager}`, body, yaml)).body as never;
  await apply("one", widget({ size: 1, rules: [{ name: "a", value: "x" }] }));
  const both = await apply("two", widget({ rules: [{ name: "b", value: "y" }] }));
  assert.deepEqual(both.spec, { size: 1, rules: [{ name: "a", value: "x" }, { name: "b", value: "y" }] });
  assert.equal((await apply("two", widget({ size: 2 }))).message, 'Apply failed with 1 conflict: conflict with "one": .spec.size');
  assert.deepEqual((await apply("one", widget({ size: 1 }))).spec, { size: 1, rules: [{ name: "b", value: "y" }] });
  assert.match((await apply("one", widget({}, { unknownField: 1 }))).message ?? "", /: \.unknownField: field not declared in schema$/);
  const { metadata } = await apply("status", widget({ size: 9 }, { status: { ready: true } }), "/status");
  assert.deepEqual(metadata.managedFields?.find((e) => e.manager === "status")?.fieldsV1, { "f:status": { "f:ready": {} } });
});
