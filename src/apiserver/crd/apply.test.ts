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

test("owners follow a schema that becomes atomic, and granular again; owners of a version that is gone are gone", async (t) => {
  const { send, condition } = await startServer(t);
  const schemaOf = (kind: string): object => ({ openAPIV3Schema: { type: "object", properties: { spec: { type: "object", properties: { box: { type: "object", "x-kubernetes-map-type": kind, additionalProperties: { type: "string" } } } } } } });
  const define = (kind: string, ...versions: readonly string[]): Readonly<Record<string, unknown>> => ({ versions: ["v1", ...versions].map((name) => ({ name, served: true, storage: name === "v1", schema: schemaOf(kind) })) });
  await send("POST", crds, widgetDefinition({}, {}, define("granular", "v1beta1")));
  await condition("widgets.example.com", "Established");
  const apply = async (manager: string, box: object, version = "v1"): Promise<KubeObject & { message?: string }> => {
    const { body } = await send("PATCH", `${widgets.replace("/v1/", `/${version}/`)}/w?fieldManager=${manager}`, { apiVersion: `example.com/${version}`, kind: "Widget", metadata: { name: "w" }, spec: { box } }, yaml);
    return body as never;
  };
  const redefine = async (spec: Readonly<Record<string, unknown>>): Promise<void> => {
    const { metadata } = (await send("GET", `${crds}/widgets.example.com`)).body as { metadata: KubeObject["metadata"] };
    assert.equal((await send("PUT", `${crds}/widgets.example.com`, { ...widgetDefinition({}, {}, spec), metadata: { name: metadata.name, resourceVersion: metadata.resourceVersion } })).status, 200);
  };
  const ownedBy = ({ metadata }: KubeObject, manager: string): unknown => metadata.managedFields?.find((entry) => entry.manager === manager)?.fieldsV1;
  await apply("one", { a: "1" });
  assert.deepEqual(ownedBy(await apply("beta", { b: "2" }, "v1beta1"), "beta"), { "f:spec": { "f:box": { "f:b": {} } } });
  await redefine(define("atomic"));
  assert.match((await apply("two", { c: "3" })).message ?? "", /^Apply failed with 1 conflict: conflict with "one": \.spec\.box$/); // beta's version is gone
  await redefine(define("granular"));
  const both = await apply("two", { c: "3" });
  assert.deepEqual([ownedBy(both, "one"), ownedBy(both, "two")], [{ "f:spec": { "f:box": { "f:a": {} } } }, { "f:spec": { "f:box": { "f:c": {} } } }]);
  await redefine(define("atomic"));
  const { metadata } = (await send("PATCH", `${widgets}/w`, { metadata: { labels: { x: "y" } } }, { "content-type": "application/merge-patch+json" })).body as KubeObject;
  assert.deepEqual(metadata.managedFields?.find((entry) => entry.manager === "one")?.fieldsV1, { "f:spec": { "f:box": {} } });
});
