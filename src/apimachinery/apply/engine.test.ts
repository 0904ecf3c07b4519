import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { ApiSchema } from "../schema.ts";
import { compare } from "./compare.ts";
import { fieldSetOf } from "./field-set-of.ts";
import type { FieldSet } from "./field-set.ts";
import { merge } from "./merge.ts";
import { prune } from "./prune.ts";
import { schemaType } from "./schema-types.ts";
import type { Type } from "./types.ts";
import { problemsOf } from "./validate.ts";

const schema = JSON.parse(readFileSync(new URL("../../api/gen/schema.json", import.meta.url), "utf8")) as ApiSchema;
const type = (name: string): Type => schemaType(schema, name);
const [spec, meta, service] = [type("core/v1.PodSpec"), type("meta/v1.ObjectMeta"), type("core/v1.ServiceSpec")];
const named = (...names: string[]): { containers: { name: string }[] } => ({ containers: names.map((name) => ({ name })) });

const sets: readonly [name: string, type: Type, value: unknown, want: FieldSet][] = [
  ["elements of a keyed list are stated, and what they hold", spec, { containers: [{ name: "a", image: "x" }] }, { "f:containers": { 'k:{"name":"a"}': { ".": {}, "f:image": {}, "f:name": {} } } }],
  ["a default key is part of an element's identity", service, { ports: [{ port: 80 }] }, { "f:ports": { 'k:{"port":80,"protocol":"TCP"}': { ".": {}, "f:port": {} } } }],
  ["a set is stated by value", meta, { finalizers: ["a"] }, { "f:finalizers": { 'v:"a"': {} } }],
  ["an atomic list, map or struct is one field", spec, { tolerations: [{ key: "a" }], nodeSelector: { a: "b" }, containers: [{ name: "a", env: [{ name: "E", valueFrom: { secretKeyRef: { name: "s", key: "k" } } }] }] }, {
    "f:tolerations": {}, "f:nodeSelector": {}, "f:containers": { 'k:{"name":"a"}': { ".": {}, "f:name": {}, "f:env": { 'k:{"name":"E"}': { ".": {}, "f:name": {}, "f:valueFrom": { "f:secretKeyRef": {} } } } } },
  }],
  ["an empty struct is a field, a map's entries are", spec, { securityContext: {}, overhead: { cpu: "1" } }, { "f:securityContext": {}, "f:overhead": { "f:cpu": {} } }],
  ["a claim's reference is taken apart although references are atomic elsewhere", type("core/v1.PersistentVolumeSpec"), { claimRef: { name: "a" } }, { "f:claimRef": { "f:name": {} } }],
  ["of an element that comes twice nothing is said but that it is there", spec, { containers: [{ name: "a", image: "x" }, { name: "a", image: "y" }] }, { "f:containers": { 'k:{"name":"a"}': {} } }],
];
for (const [name, of, value, want] of sets) test(name, () => assert.deepEqual(fieldSetOf(of, value), want));

const comparisons: readonly [name: string, type: Type, old: unknown, next: unknown, changed: FieldSet, removed: FieldSet][] = [
  ["a new map is a field with its entries", meta, {}, { labels: { a: "b" } }, { "f:labels": { ".": {}, "f:a": {} } }, {}],
  ["a map that goes takes its entries along", meta, { labels: { a: "b" } }, {}, {}, { "f:labels": { ".": {}, "f:a": {} } }],
  ["one image is changed", spec, { containers: [{ name: "a", image: "x" }, { name: "b" }] }, { containers: [{ name: "a", image: "y" }, { name: "b" }] }, { "f:containers": { 'k:{"name":"a"}': { "f:image": {} } } }, {}],
  ["another order is no change", spec, named("a", "b"), named("b", "a"), {}, {}],
  ["an atomic list is changed as a whole", spec, { tolerations: [{ key: "a" }] }, { tolerations: [{ key: "a" }, { key: "b" }] }, { "f:tolerations": {} }, {}],
  ["a set gains and loses values", meta, { finalizers: ["a", "b"] }, { finalizers: ["b", "c"] }, { "f:finalizers": { 'v:"c"': {} } }, { "f:finalizers": { 'v:"a"': {} } }],
  ["an element that was there twice and is there once is changed", spec, { containers: [{ name: "a" }, { name: "a" }] }, named("a"), { "f:containers": { 'k:{"name":"a"}': {} } }, {}],
];
for (const [name, of, old, next, changed, removed] of comparisons) test(name, () => assert.deepEqual(compare(of, old, next), { changed, removed }));

const merges: readonly [live: readonly string[], applied: readonly string[], want: readonly string[]][] = [
  [["a", "b"], ["b", "a"], ["b", "a"]],
  [["a", "b"], ["c"], ["a", "b", "c"]],
  [["a", "x", "b"], ["b", "a"], ["x", "b", "a"]],
  [["x", "a"], ["a", "b"], ["x", "a", "b"]],
  [["a", "x"], ["b", "a"], ["b", "a", "x"]],
  [[], ["a"], ["a"]],
];
for (const [live, applied, want] of merges) {
  test(`${applied.join()} over ${live.join() || "nothing"} stands as ${want.join()}`, () => {
    assert.deepEqual(merge(spec, named(...live), named(...applied)), named(...want));
  });
}

test("merging changes neither side", () => {
  const [live, applied] = [{ containers: [{ name: "a", image: "x" }] }, { containers: [{ name: "a", command: ["c"] }], nodeName: "n" }];
  const before = structuredClone([live, applied]);
  assert.deepEqual(merge(spec, live, applied), { containers: [{ name: "a", image: "x", command: ["c"] }], nodeName: "n" });
  assert.deepEqual([live, applied], before);
});

const prunes: readonly [name: string, merged: unknown, last: unknown, owned: FieldSet, want: unknown][] = [
  ["what was applied and is not any more goes", { nodeName: "n", hostname: "h" }, { nodeName: "n", hostname: "h" }, { "f:nodeName": {} }, { nodeName: "n" }],
  ["what nobody applied stays", { nodeName: "n", hostname: "h" }, { nodeName: "n" }, {}, { hostname: "h" }],
  ["what somebody else owns stays", { nodeName: "n" }, { nodeName: "n" }, { "f:nodeName": {} }, { nodeName: "n" }],
  ["an element goes with all it holds", { containers: [{ name: "a", image: "x" }, { name: "b" }] }, { containers: [{ name: "a" }] }, fieldSetOf(spec, named("b")), named("b")],
  ["an element stays when somebody else owns a part of it", { containers: [{ name: "a", image: "x", command: ["c"] }] }, { containers: [{ name: "a", image: "x" }] }, { "f:containers": { 'k:{"name":"a"}': { ".": {}, "f:command": {}, "f:name": {} } } }, { containers: [{ name: "a", command: ["c"] }] }],
];
for (const [name, merged, last, owned, want] of prunes) test(name, () => assert.deepEqual(prune(spec, merged, fieldSetOf(spec, last), owned), want));

const problems: readonly [value: unknown, want: readonly string[]][] = [
  [{ hostname: 1 }, [".hostname: expected string, got &value.valueUnstructured{Value:1}"]],
  [{ priority: "x" }, [".priority: expected numeric (int or float), got string"]],
  [{ containers: {} }, [".containers: expected list, got &{{}}"]],
  [{ securityContext: [1] }, [".securityContext: expected map, got &{[1]}"]],
  [{ containers: [{ name: "a", foo: 1 }] }, ['.containers[name="a"].foo: field not declared in schema']],
  [named("a", "a"), ['.containers: duplicate entries for key [name="a"]']],
  [{ podIPs: null, containers: [null] }, [".podIPs: field not declared in schema"]],
  [{ containers: [null] }, [".containers: element 0: associative list with keys may not have a null element"]],
  [{ hostAliases: [{ hostnames: ["x"] }] }, []],
  [{ hostname: null, containers: [{ name: "a", resources: { limits: { cpu: 1 } } }] }, []],
];
for (const [value, want] of problems) test(`${JSON.stringify(value)}: ${want.join() || "nothing wrong"}`, () => assert.deepEqual(problemsOf(spec, value), want));
