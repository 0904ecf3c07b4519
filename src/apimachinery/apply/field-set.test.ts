import assert from "node:assert/strict";
import { test } from "node:test";
import { difference, differenceBelow, intersection, pathsOf, setOf, sorted, union, type FieldSet } from "./field-set.ts";
import { canonicalStep, pathText } from "./path-element.ts";

const a: FieldSet = { "f:a": { ".": {}, "f:x": {}, "f:y": {} }, "f:b": {} };
const cases: readonly [name: string, got: FieldSet, want: FieldSet][] = [
  ["a union keeps members of both", union({ "f:a": { "f:x": {} } }, { "f:a": {}, "f:b": {} }), { "f:a": { ".": {}, "f:x": {} }, "f:b": {} }],
  ["a union with a deeper set keeps the member", union({ "f:a": {} }, { "f:a": { "f:x": {} } }), { "f:a": { ".": {}, "f:x": {} } }],
  ["a difference takes a member, not what lies below it", difference(a, { "f:a": {} }), { "f:a": { "f:x": {}, "f:y": {} }, "f:b": {} }],
  ["a difference takes what lies below and leaves the member", difference(a, { "f:a": { "f:x": {}, "f:y": {} } }), { "f:a": {}, "f:b": {} }],
  ["a difference that leaves nothing of a branch leaves no branch", difference({ "f:a": { "f:x": {} } }, { "f:a": { "f:x": {} } }), {}],
  ["a difference below takes the whole branch", differenceBelow(a, { "f:a": {} }), { "f:b": {} }],
  ["a difference below goes as deep as it must", differenceBelow(a, { "f:a": { "f:x": {} } }), { "f:a": { ".": {}, "f:y": {} }, "f:b": {} }],
  ["an intersection knows members from ways", intersection(a, { "f:a": { "f:x": {} }, "f:b": { "f:z": {} } }), { "f:a": { "f:x": {} } }],
  ["paths of names make a set", setOf(["metadata"], ["metadata", "name"]), { "f:metadata": { ".": {}, "f:name": {} } }],
];
for (const [name, got, want] of cases) test(name, () => assert.deepEqual(got, want));

test("what changes nothing gives its argument back", () => {
  assert.equal(union(a, { "f:a": { "f:x": {} } }), a);
  assert.equal(difference(a, { "f:c": {}, "f:a": { "f:z": {} } }), a);
});

test("paths are told as upstream tells them, the nearer ones first", () => {
  const set: FieldSet = { "f:spec": { "f:containers": { 'k:{"name":"web"}': { ".": {}, "f:image": {} } }, "f:replicas": {}, 'k:{"containerPort":80,"protocol":"TCP"}': {} }, "f:finalizers": { 'v:"x"': {}, "i:3": {} } };
  assert.deepEqual(pathsOf(set).map(pathText), [
    ".finalizers[3]", '.finalizers[="x"]', ".spec.replicas", '.spec[containerPort=80,protocol="TCP"]', '.spec.containers[name="web"]', '.spec.containers[name="web"].image',
  ]);
});

test("steps are put in order, and keys in a step", () => {
  assert.deepEqual(Object.keys(sorted({ "k:{}": {}, "f:b": {}, ".": {}, "f:a": {} })), [".", "f:a", "f:b", "k:{}"]);
  assert.deepEqual(['k:{"b":1,"a":"x"}', 'v: "x"', "i:1", "f:a", "x:a", "k:1", "v:{"].map(canonicalStep), ['k:{"a":"x","b":1}', 'v:"x"', "i:1", "f:a", undefined, undefined, undefined]);
});
