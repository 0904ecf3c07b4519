import { deepEqual, equal } from "node:assert/strict";
import { describe, test } from "node:test";
import { compile, type Compilation } from "./compile.ts";
import { standardFunctions } from "./library/standard.ts";
import { bindSchema, type OpenApiSchema } from "./schema-types.ts";
import { dynType, optionalType } from "./types.ts";
import { Optional } from "./values.ts";

const text: OpenApiSchema = { type: "string" };
const schema: OpenApiSchema = {
  type: "object",
  properties: {
    replicas: { type: "integer" }, ratio: { type: "number" }, name: text, on: { type: "boolean" }, port: { "x-kubernetes-int-or-string": true }, nick: { type: "string", nullable: true },
    "a-b.c/d__e": text, namespace: text, day: { type: "string", format: "date" }, at: { type: "string", format: "date-time" }, wait: { type: "string", format: "duration" }, raw: { type: "string", format: "byte" },
    tags: { type: "array", items: text, "x-kubernetes-list-type": "set" }, labels: { type: "object", additionalProperties: text },
    ports: { type: "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"], items: { type: "object", properties: { name: text, port: { type: "integer" } } } },
    any: { "x-kubernetes-preserve-unknown-fields": true }, open: { type: "object", "x-kubernetes-preserve-unknown-fields": true, properties: { known: text } },
    template: { type: "object", "x-kubernetes-embedded-resource": true, "x-kubernetes-preserve-unknown-fields": true },
  },
};

function compileRule(rule: string, of: OpenApiSchema = schema, resource = false): Compilation {
  const binding = bindSchema(of, "selfType", resource);
  const self = binding?.type ?? dynType;
  return compile(rule, { variables: new Map([["self", self], ["oldSelf", self], ["maybeOld", optionalType(self)]]), functions: standardFunctions });
}

function run(rule: string, self: unknown, oldSelf: unknown = null, of: OpenApiSchema = schema, resource = false): unknown {
  const binding = bindSchema(of, "selfType", resource);
  const compiled = compileRule(rule, of, resource);
  if (!compiled.ok) return compiled.issues[0]?.message;
  const read = (json: unknown) => binding?.read(json) ?? null;
  const outcome = compiled.program.run((name) => (name === "self" ? read(self) : name === "oldSelf" ? read(oldSelf) : oldSelf === null ? Optional.none : new Optional(read(oldSelf))));
  return outcome.ok ? outcome.value : outcome.error;
}

const cases: readonly (readonly [rule: string, self: unknown, result: unknown, oldSelf?: unknown])[] = [
  ["self.replicas <= 3 && self.ratio < 1.0 && self.on", { replicas: 3, ratio: 0, on: true }, true],
  ["self.replicas == 'x'", {}, "found no matching overload for '_==_' applied to '(int, string)'"],
  ["self.replicas > 1", {}, "no such key: replicas"],
  ["has(self.replicas)", {}, false],
  ["self.any == 1", { any: 1 }, "undefined field 'any'"],
  ["self.open.known == 'a'", { open: { known: "a", more: 1 } }, true],
  ["self.open.more == 'a'", { open: { more: "a" } }, "undefined field 'more'"],
  ["self.a__dash__b__dot__c__slash__d__underscores__e == 'x'", { "a-b.c/d__e": "x" }, true],
  ["self.__namespace__ == 'x' && self.namespace == 'x'", { namespace: "x" }, true],
  ["type(self.port) == string ? self.port == '50%' : self.port > 3", { port: "50%" }, true],
  ["type(self.port) == string ? self.port == '50%' : self.port > 3", { port: 4 }, true],
  ["self.nick == dyn(null)", { nick: null }, true],
  ["self.name == 'a'", { name: null }, "invalid data, got null for schema with nullable=false"],
  ["self.name == 'a'", { name: 4 }, "invalid data, expected string, got float64"],
  ["self.day.getFullYear() == 2020 && self.at > timestamp('2020-01-01T00:00:00Z') && self.wait < duration('2h') && self.raw == b'hi'", { day: "2020-02-03", at: "2020-01-01T00:00:01Z", wait: "1h", raw: "aGk=" }, true],
  ["self.tags == ['b', 'a']", { tags: ["a", "b"] }, true],
  ["self.tags + ['b', 'c'] == ['a', 'b', 'c']", { tags: ["a", "b"] }, true],
  ["(self.tags + ['b', 'c']).size()", { tags: ["a", "b"] }, 3],
  ["self.ports == oldSelf.ports", { ports: [{ name: "a", port: 1 }, { name: "b", port: 2 }] }, true, { ports: [{ name: "b", port: 2 }, { name: "a", port: 1 }] }],
  ["(self.ports + oldSelf.ports).map(p, p.port) == [1, 3, 4]", { ports: [{ name: "a", port: 1 }, { name: "b", port: 2 }] }, true, { ports: [{ name: "b", port: 3 }, { name: "c", port: 4 }] }],
  ["self.labels.all(k, k.startsWith('x') && self.labels[k] != '')", { labels: { x1: "a" } }, true],
  ["self.labels.__proto__ == 'own' && !has(self.labels.constructor)", { labels: JSON.parse('{"__proto__":"own"}') as unknown }, true],
  ["self.template.kind == 'Pod' && self.template.metadata.name == 'x'", { template: { apiVersion: "v1", kind: "Pod", metadata: { name: "x" }, spec: {} } }, true],
  ["self.metadata.name.size() > 0", { metadata: { name: "x" } }, true],
  ["self.metadata.labels.size() > 0", {}, "undefined field 'labels'"],
  ["maybeOld.hasValue() ? maybeOld.value().replicas < self.replicas : true", { replicas: 1 }, true],
  ["!maybeOld.hasValue() || maybeOld.value().replicas < self.replicas", { replicas: 3 }, true, { replicas: 2 }],
];

describe("a rule sees an object through its schema", () => {
  for (const [rule, self, result, oldSelf] of cases) test(rule, () => { deepEqual(run(rule, self, oldSelf, schema, true), result); });
});

test("a program knows which variables it mentions and what it returns", () => {
  const compiled = compileRule("self.replicas >= oldSelf.replicas");
  deepEqual(compiled.ok && [[...compiled.program.variables], compiled.program.returnType.name], [["self", "oldSelf"], "bool"]);
});

const list = (items: OpenApiSchema, maxItems?: number): OpenApiSchema => ({ type: "array", items, ...(maxItems === undefined ? {} : { maxItems }) });
/** Upstream's own estimates: apiextensions-apiserver/pkg/apiserver/schema/cel/compilation_test.go */
const estimates: readonly (readonly [name: string, schema: OpenApiSchema, rule: string, max: number])[] = [
  ["a number", { type: "number" }, "self + self == 246.369", 4],
  ["an int", { type: "integer" }, "self + self == 246", 4],
  ["all of a bounded list", list({ type: "number" }, 10), "self.all(x, true)", 32],
  ["all of a list without bound", list({ type: "number" }), "self.all(x, true)", 4_718_591],
  ["texts without bound", list(text), "self.all(x, true)", 3_145_727],
  ["a text against a constant", { type: "string" }, "self == 'abcdefghij'", 2],
  ["a text against a pattern", { type: "string", maxLength: 10 }, "self.matches('abcd')", 6],
  ["maps", { type: "object", additionalProperties: text }, "self.all(k, true)", 1_179_647],
];

describe("costs are estimated from the schema", () => {
  for (const [name, of, rule, max] of estimates) test(name, () => {
    const compiled = compileRule(rule, of);
    equal(compiled.ok ? compiled.program.cost.max : compiled.text, max);
  });
});

const spent: readonly (readonly [expression: string, cost: number])[] = [
  ["1 == 1", 1], ["self.replicas > 1", 3], ["has(self.name)", 1], ["self.name.startsWith('ab')", 3], ["[1, 2, 3].all(x, x > 0)", 16], ["[1, self.replicas]", 12], ["self.name + 'b' == 'ab'", 4], ["[1, 2].map(x, x)", 27],
];

describe("a run costs what it costs upstream", () => {
  for (const [expression, cost] of spent) test(expression, () => {
    const compiled = compileRule(expression);
    equal(compiled.ok && compiled.program.run(() => bindSchema(schema, "selfType")?.read({ name: "a", replicas: 2 })).cost, cost);
  });
});
