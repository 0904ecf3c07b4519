import assert from "node:assert/strict";
import { test } from "node:test";
import { compare } from "./compare.ts";
import { fieldSetOf } from "./field-set-of.ts";
import { merge } from "./merge.ts";
import { structuralType, type StructuralSchema } from "./structural-types.ts";
import { deduced, type Type } from "./types.ts";
import { problemsOf } from "./validate.ts";

const schema: StructuralSchema = {
  type: "object",
  properties: {
    spec: {
      type: "object",
      properties: {
        size: { type: "integer" },
        port: { "x-kubernetes-int-or-string": true },
        rules: { type: "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name", "kind"], items: { type: "object", properties: { name: { type: "string" }, kind: { type: "string", default: "A" }, value: { type: "string" } } } },
        tags: { type: "array", "x-kubernetes-list-type": "set", items: { type: "string" } },
        plain: { type: "array", items: { type: "string" } },
        limits: { type: "object", additionalProperties: { type: "string" } },
        whole: { type: "object", "x-kubernetes-map-type": "atomic", additionalProperties: { type: "string" } },
        free: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
        template: { type: "object", "x-kubernetes-embedded-resource": true, "x-kubernetes-preserve-unknown-fields": true },
      },
    },
  },
};
const metadata: Type = { kind: "map", atomic: false, field: (name) => (name === "name" ? { kind: "scalar", of: "string" } : undefined), rest: undefined };
const type = structuralType(schema, metadata);
const spec = (value: object): object => ({ spec: value });

test("a structural schema says who owns what", () => {
  const value = spec({ size: 1, port: "http", rules: [{ name: "a", value: "x" }], tags: ["t"], plain: ["p"], limits: { cpu: "1" }, whole: { a: "b" }, free: { x: { y: [1] } } });
  assert.deepEqual(problemsOf(type, value), []);
  assert.deepEqual(fieldSetOf(type, value), {
    "f:spec": {
      "f:size": {}, "f:port": {}, "f:plain": {}, "f:whole": {}, "f:tags": { 'v:"t"': {} }, "f:limits": { "f:cpu": {} },
      "f:rules": { 'k:{"kind":"A","name":"a"}': { ".": {}, "f:name": {}, "f:value": {} } }, "f:free": { "f:x": { ".": {}, "f:y": {} } },
    },
  });
});

const refused: readonly [value: object, message: string][] = [
  [{ unknownField: 1 }, ".unknownField: field not declared in schema"],
  [{ spec: { foo: 1 } }, ".spec.foo: field not declared in schema"],
  [{ metadata: { nope: 1 } }, ".metadata.nope: field not declared in schema"],
  [{ spec: { template: { metadata: { nope: 1 } } } }, ".spec.template.metadata.nope: field not declared in schema"],
  [{ spec: { rules: [{ value: "x" }] } }, '.spec.rules: element 0: associative list with keys has an element that omits key field "name" (and doesn\'t have default value)'],
];
for (const [value, message] of refused) test(message, () => assert.deepEqual(problemsOf(type, value), [message]));

test("without a schema maps merge by key and lists are owned as a whole", () => {
  const [live, applied] = [{ a: { b: 1, c: [1] } }, { a: { c: [2] } }];
  assert.deepEqual(merge(deduced, live, applied), { a: { b: 1, c: [2] } });
  assert.deepEqual(fieldSetOf(deduced, applied), { "f:a": { ".": {}, "f:c": {} } });
  assert.deepEqual(compare(deduced, live, { a: [1] }), { changed: { "f:a": {} }, removed: {} });
  assert.deepEqual(merge(deduced, live, { a: "x" }), { a: "x" });
});
