import assert from "node:assert/strict";
import { test } from "node:test";
import type { JSONSchemaProps } from "#api/gen/apiextensions-v1.ts";
import { cloneJson } from "#apimachinery/records.ts";
import { SchemaCompiler } from "./compile.ts";
import { applyDefaults, pruneNulls } from "./defaulting.ts";
import { validateLists } from "./list-types.ts";
import { coerceEmbedded, validateEmbedded } from "./object-meta.ts";
import { prune } from "./prune.ts";
import type { Structural } from "./structural.ts";
import { validateValue } from "./validate.ts";

const compile = (schema: JSONSchemaProps): Structural => new SchemaCompiler().compile(schema);
const object = (properties: Record<string, JSONSchemaProps>, more: JSONSchemaProps = {}): JSONSchemaProps => ({ type: "object", properties, ...more });
const keeps = { "x-kubernetes-preserve-unknown-fields": true } as const;
const embedded = { "x-kubernetes-embedded-resource": true } as const;

const pruned: readonly [what: string, schema: JSONSchemaProps, value: object, left: object, gone: readonly string[]][] = [
  ["an unknown field goes, apiVersion, kind and metadata stay", object({ a: { type: "string" } }), { apiVersion: "v", kind: "K", metadata: { x: 1 }, a: "1", b: 1 }, { apiVersion: "v", kind: "K", metadata: { x: 1 }, a: "1" }, ["b"]],
  ["in lists and maps", object({ l: { type: "array", items: object({ a: { type: "string" } }) }, m: { type: "object", additionalProperties: object({ a: { type: "string" } }) } }),
    { l: [{ a: "1", b: 1 }], m: { k: { c: 1 } } }, { l: [{ a: "1" }], m: { k: {} } }, ["l[0].b", "m.k.c"]],
  ["nothing below a node that keeps all, but what it knows", object({ s: { type: "object", ...keeps, properties: { known: object({ a: { type: "string" } }) } } }), { s: { x: { y: 1 }, known: { a: "1", b: 2 } } }, { s: { x: { y: 1 }, known: { a: "1" } } }, ["s.known.b"]],
  ["items of a list that keeps all keep all", object({ l: { type: "array", ...keeps, items: object({ a: { type: "string" } }) } }), { l: [{ b: 1 }] }, { l: [{ b: 1 }] }, []],
  ["an embedded resource has its own meta fields", object({ e: { ...object({ spec: object({}) }), ...embedded } }), { e: { apiVersion: "v1", kind: "Pod", metadata: {}, spec: { x: 1 }, y: 1 } }, { e: { apiVersion: "v1", kind: "Pod", metadata: {}, spec: {} } }, ["e.spec.x", "e.y"]],
  ["any value of a map without a schema, but nothing in it", object({ m: { type: "object", additionalProperties: true } }), { m: { a: 1, b: { c: 1 } } }, { m: { a: 1, b: {} } }, ["m.b.c"]],
];
for (const [what, schema, value, left, gone] of pruned) {
  test(`pruning: ${what}`, () => {
    const obj = cloneJson(value) as Record<string, unknown>;
    assert.deepEqual([prune(obj, compile(schema)), obj], [gone, left]);
  });
}

test("a field __proto__ is pruned like any other", () => {
  const obj = JSON.parse('{"__proto__":{"polluted":1},"a":{"__proto__":1}}') as Record<string, unknown>;
  assert.deepEqual(prune(obj, compile(object({ a: object({}) }))), ["__proto__", "a.__proto__"]);
  assert.equal(JSON.stringify(obj), '{"a":{}}');
});

const defaulted: readonly [what: string, schema: JSONSchemaProps, value: unknown, filled: unknown][] = [
  ["what is left out", object({ a: { type: "string", default: "x" }, b: object({ c: { type: "integer", default: 1 } }, { default: {} }) }), {}, { a: "x", b: { c: 1 } }],
  ["not below what is left out without a default", object({ b: object({ c: { type: "integer", default: 1 } }) }), {}, {}],
  ["in lists and maps", object({ l: { type: "array", items: object({ a: { type: "string", default: "x" } }) }, m: { type: "object", additionalProperties: object({ a: { type: "string", default: "y" } }) } }), { l: [{}, { a: "z" }], m: { k: {} } }, { l: [{ a: "x" }, { a: "z" }], m: { k: { a: "y" } } }],
  ["null where null may not be", object({ a: { type: "string", default: "x" } }), { a: null }, { a: "x" }],
  ["null stays where it may be", object({ a: { type: "string", default: "x", nullable: true } }), { a: null }, { a: null }],
  ["null without a default goes", object({ a: { type: "string" }, b: { type: "string", nullable: true } }), { a: null, b: null }, { b: null }],
];
for (const [what, schema, value, filled] of defaulted) {
  test(`defaulting: ${what}`, () => {
    const [obj, node] = [cloneJson(value), compile(schema)];
    pruneNulls(obj, node);
    applyDefaults(obj, node);
    assert.deepEqual(obj, filled);
  });
}

test("a default is a new value each time", () => {
  const node = compile(object({ a: { ...object({}), ...keeps, default: { x: 1 } } }));
  const one: { a?: { x: number } } = {};
  applyDefaults(one, node);
  assert.deepEqual(one, { a: { x: 1 } });
  one.a = Object.assign(one.a ?? {}, { x: 2 });
  const two = {};
  applyDefaults(two, node);
  assert.deepEqual(two, { a: { x: 1 } });
});

const spec = (schema: JSONSchemaProps): JSONSchemaProps => object({ spec: schema });
const checked: readonly [schema: JSONSchemaProps, value: unknown, ...messages: string[]][] = [
  [{ type: "integer" }, "3", 'spec: Invalid value: "string": spec in body must be of type integer: "string"'],
  [{ type: "integer" }, 3.5, 'spec: Invalid value: "number": spec in body must be of type integer: "number"'],
  [{ type: "number" }, 3], [{ type: "integer" }, 3],
  [{ type: "string" }, 3, 'spec: Invalid value: "integer": spec in body must be of type string: "integer"'],
  [{ type: "object" }, [], 'spec: Invalid value: "array": spec in body must be of type object: "array"'],
  [{ type: "string" }, null, 'spec: Invalid value: "null": spec in body must be of type string: "null"'],
  [{ type: "string", nullable: true }, null],
  [{ "x-kubernetes-int-or-string": true }, 1], [{ "x-kubernetes-int-or-string": true }, "a"],
  [{ "x-kubernetes-int-or-string": true }, true, 'spec: Invalid value: "boolean": spec in body must be of type integer,string: "boolean"'],
  [{ type: "integer", maximum: 10 }, 11, "spec: Invalid value: 11: spec in body should be less than or equal to 10"],
  [{ type: "integer", maximum: 10, exclusiveMaximum: true }, 10, "spec: Invalid value: 10: spec in body should be less than 10"],
  [{ type: "integer", minimum: 1 }, 0, "spec: Invalid value: 0: spec in body should be greater than or equal to 1"],
  [{ type: "integer", minimum: 1, exclusiveMinimum: true }, 1, "spec: Invalid value: 1: spec in body should be greater than 1"],
  [{ type: "integer", multipleOf: 5 }, 7, "spec: Invalid value: 7: spec in body should be a multiple of 5"],
  [{ type: "number", multipleOf: 0.1 }, 0.3],
  [{ type: "string", maxLength: 2 }, "abc", "spec: Too long: may not be more than 2 bytes"],
  [{ type: "string", maxLength: 2 }, "🙂🙂"],
  [{ type: "string", minLength: 2 }, "a", 'spec: Invalid value: "a": spec in body should be at least 2 chars long'],
  [{ type: "string", pattern: "^a+$" }, "b", "spec: Invalid value: \"b\": spec in body should match '^a+$'"],
  [{ type: "string", pattern: "a+" }, "bab"],
  [{ type: "string", enum: ["a", "b"] }, "c", 'spec: Unsupported value: "c": supported values: "a", "b"'],
  [{ type: "integer", enum: [1, 2] }, 3, 'spec: Unsupported value: 3: supported values: "1", "2"'],
  [{ type: "string", format: "uuid" }, "x", 'spec: Invalid value: "x": spec in body must be of type uuid: "x"'],
  [{ type: "string", format: "ipv4" }, "10.0.0.1"], [{ type: "string", format: "no-such-format" }, "x"],
  [{ type: "string", format: "date-time" }, "2026-02-30T00:00:00Z", 'spec: Invalid value: "2026-02-30T00:00:00Z": spec in body must be of type date-time: "2026-02-30T00:00:00Z"'],
  [{ type: "array", items: { type: "string" }, maxItems: 1 }, ["a", "b"], "spec: Too many: 2: must have at most 1 items"],
  [{ type: "array", items: { type: "string" }, minItems: 1 }, [], "spec: Invalid value: 0: spec in body should have at least 1 items"],
  [{ type: "array", items: { type: "string" } }, ["a", 1], 'spec[1]: Invalid value: "integer": spec[1] in body must be of type string: "integer"'],
  [object({ a: { type: "string" } }, { required: ["a", "b"] }), { a: "x" }, "spec.b: Required value"],
  [object({}, { minProperties: 1 }), {}, "spec: Invalid value: 0: spec in body should have at least 1 properties"],
  [{ type: "object", additionalProperties: { type: "integer" }, maxProperties: 1 }, { a: 1, b: 2 }, "spec: Too many: 2: must have at most 1 items"],
  [{ type: "object", additionalProperties: { type: "integer" } }, { a: "x" }, 'spec.a: Invalid value: "string": spec.a in body must be of type integer: "string"'],
  [object({ a: { type: "string" }, b: { type: "string" } }, { oneOf: [{ required: ["a"] }, { required: ["b"] }] }), {}, '<nil>: Invalid value: "": "spec" must validate one and only one schema (oneOf). Found none valid', "spec.a: Required value"],
  [object({ a: { type: "string" }, b: { type: "string" } }, { oneOf: [{ required: ["a"] }, { required: ["b"] }] }), { a: "1", b: "2" }, '<nil>: Invalid value: "": "spec" must validate one and only one schema (oneOf). Found 2 valid alternatives'],
  [{ type: "string", anyOf: [{ format: "ipv4" }, { format: "ipv6" }] }, "x", '<nil>: Invalid value: "": "spec" must validate at least one schema (anyOf)', 'spec: Invalid value: "x": spec in body must be of type ipv4: "x"'],
  [{ type: "string", allOf: [{ minLength: 2 }, { pattern: "^b" }] }, "bb"],
  [{ type: "string", allOf: [{ minLength: 2 }, { pattern: "^b" }] }, "b", 'spec: Invalid value: "b": spec in body should be at least 2 chars long', '<nil>: Invalid value: "": "spec" must validate all the schemas (allOf)'],
  [{ type: "string", not: { pattern: "^b" } }, "b", '<nil>: Invalid value: "": "spec" must not validate the schema (not)'],
];
for (const [schema, value, ...messages] of checked) {
  test(`${JSON.stringify(schema)} of ${JSON.stringify(value)}`, () => {
    assert.deepEqual(validateValue({ spec: value }, compile(spec(schema))).map(({ field, message }) => `${field}: ${message}`), messages);
  });
}

test("an evil pattern holds nobody up", () => {
  const node = compile(spec({ type: "string", pattern: "^(a+)+$" }));
  const begun = process.threadCpuUsage(); // not the clock: the machine may be busy
  assert.equal(validateValue({ spec: `${"a".repeat(500)}!` }, node).length, 1);
  const ms = process.threadCpuUsage(begun).user / 1000;
  assert(ms < 100, `${ms} ms`);
});

const ratcheted: readonly [what: string, schema: JSONSchemaProps, old: unknown, next: unknown, causes: number][] = [
  ["what was wrong may stay", object({ a: { type: "integer", maximum: 1 }, b: { type: "integer" } }), { a: 5, b: 1 }, { a: 5, b: 2 }, 0],
  ["but may not become otherwise wrong", object({ a: { type: "integer", maximum: 1 } }), { a: 5 }, { a: 6 }, 1],
  ["items of maps are known by their keys", object({ l: { type: "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["n"], items: object({ n: { type: "string" }, v: { type: "integer", maximum: 1 } }) } }), { l: [{ n: "a", v: 5 }] }, { l: [{ n: "b", v: 1 }, { n: "a", v: 5 }] }, 0],
  ["items of other lists are not", object({ l: { type: "array", items: { type: "integer", maximum: 1 } } }), { l: [5] }, { l: [5, 1] }, 1],
  ["a missing field stays missing where nothing else changes", object({ a: object({}, { required: ["x"] }), b: { type: "integer" } }), { a: {}, b: 1 }, { a: {}, b: 2 }, 0],
];
for (const [what, schema, old, next, causes] of ratcheted) {
  test(`ratcheting: ${what}`, () => assert.equal(validateValue({ spec: next }, compile(spec(schema)), { value: { spec: old } }).length, causes));
}

test("sets and maps hold nothing twice", () => {
  const node = compile(object({
    s: { type: "array", "x-kubernetes-list-type": "set", items: { type: "string" } },
    m: { type: "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["a", "b"], items: object({ a: { type: "string" }, b: { type: "integer" } }) },
  }));
  const causes = validateLists({ s: ["x", "y", "x", "x"], m: [{ a: "1", b: 1 }, { b: 1, a: "1" }, { a: "1" }] }, node);
  assert.deepEqual(causes.map(({ field, message }) => `${field}: ${message}`), ['s[2]: Duplicate value: "x"', 'm[1]: Duplicate value: {"a":"1","b":1}']);
});

test("an embedded resource has valid metadata of the right type", () => {
  const node = compile(object({ e: { type: "object", ...embedded, ...keeps } }));
  const value = { e: { apiVersion: "a/b/c", kind: "pod_", metadata: { name: "A/", labels: { "-": "x" }, unknown: 1 } } };
  assert.deepEqual(coerceEmbedded(value, node), ["e.metadata.unknown"]);
  assert.deepEqual(validateEmbedded(value, node).map(({ field }) => field), ["e.apiVersion", "e.kind", "e.metadata.name", "e.metadata.labels"]);
  assert.throws(() => coerceEmbedded({ e: { metadata: { labels: 1 } } }, node), { reason: "BadRequest", message: /^e\.metadata: Invalid value/ });
  assert.deepEqual(validateEmbedded({ e: {} }, node).map(({ field, message }) => `${field}: ${message}`), ["e.apiVersion: Required value: must not be empty", "e.kind: Required value: must not be empty"]);
});

test("what is equal in a schema is kept once", () => {
  const item = object({ a: { type: "string" }, b: { type: "integer" } });
  const node = compile(object({ one: item, two: structuredClone(item), three: object({ a: { type: "integer" } }) }));
  assert.equal(node.properties?.get("one"), node.properties?.get("two"));
  assert.notEqual(node.properties?.get("one"), node.properties?.get("three"));
});
