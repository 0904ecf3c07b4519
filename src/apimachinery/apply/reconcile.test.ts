import assert from "node:assert/strict";
import { test } from "node:test";
import type { FieldSet } from "./field-set.ts";
import { reconciled } from "./reconcile.ts";
import { structuralType, type StructuralSchema } from "./structural-types.ts";
import { deduced } from "./types.ts";

const text: StructuralSchema = { type: "string" };
const element: StructuralSchema = { type: "object", properties: { name: text, value: text } };
const map = (kind?: string): StructuralSchema => ({ type: "object", properties: { a: text, b: text }, ...(kind !== undefined && { "x-kubernetes-map-type": kind }) });
const list = (kind: string): StructuralSchema => ({ type: "array", items: element, "x-kubernetes-list-type": kind, ...(kind === "map" && { "x-kubernetes-list-map-keys": ["name"] }) });
const set = (kind: string): StructuralSchema => ({ type: "array", items: text, "x-kubernetes-list-type": kind });
const live = { spec: { x: { a: "1", b: "2" } } };
const elements = { spec: { x: [{ name: "n", value: "v" }, { name: "m" }] } };
const under = (x: FieldSet): FieldSet => ({ "f:spec": { "f:x": x } });

// Upstream: structured-merge-diff merge/schema_change_test.go
const cases: readonly (readonly [name: string, x: StructuralSchema, live: unknown, owned: FieldSet, want: FieldSet])[] = [
  ["a map that is granular still", map(), live, under({ "f:a": {} }), under({ "f:a": {} })],
  ["a map that is atomic still", map("atomic"), live, under({}), under({})],
  ["a map that has become atomic", map("atomic"), live, under({ "f:a": {} }), under({})],
  ["a map that has become atomic, stated itself", map("atomic"), live, under({ ".": {}, "f:a": {}, "f:b": {} }), under({})],
  ["a map that has become granular", map("granular"), live, under({}), under({ ".": {}, "f:a": {}, "f:b": {} })],
  ["a keyed list that has become atomic", list("atomic"), elements, under({ 'k:{"name":"n"}': { ".": {}, "f:name": {} } }), under({})],
  ["a list that has become keyed", list("map"), elements, under({}), under({ ".": {}, 'k:{"name":"n"}': { ".": {}, "f:name": {}, "f:value": {} }, 'k:{"name":"m"}': { ".": {}, "f:name": {} } })],
  ["a list that has become a set", set("set"), { spec: { x: ["a"] } }, under({}), under({ ".": {}, 'v:"a"': {} })],
  ["what has become granular and is not there", map("granular"), { spec: {} }, under({}), under({})],
  ["a field that the type no longer has", map(), live, { "f:spec": { "f:gone": { "f:y": {} } } }, { "f:spec": { "f:gone": { "f:y": {} } } }],
];
for (const [name, x, value, owned, want] of cases) {
  test(name, () => assert.deepEqual(reconciled(structuralType({ type: "object", properties: { spec: { type: "object", properties: { x } } } }, deduced), value, owned), want));
}

test("what is not reconciled is the same set", () => {
  const owned = under({ "f:a": {} });
  assert.equal(reconciled(structuralType({ type: "object", properties: { spec: { type: "object", properties: { x: map() } } } }, deduced), live, owned), owned);
  assert.equal(reconciled(deduced, live, owned), owned);
});
