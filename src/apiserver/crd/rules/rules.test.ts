import assert from "node:assert/strict";
import { test } from "node:test";
import type { JSONSchemaProps, ValidationRule } from "#api/gen/apiextensions-v1.ts";
import { validateRules } from "./admission.ts";
import { runRules } from "./run.ts";
import { ruleTree } from "./tree.ts";

const object = (properties: Record<string, JSONSchemaProps>, ...rules: ValidationRule[]): JSONSchemaProps => ({ type: "object", properties, ...(rules.length > 0 && { "x-kubernetes-validations": rules }) });
const integer: JSONSchemaProps = { type: "integer" };
const spec = (...rules: ValidationRule[]): JSONSchemaProps => object({ spec: object({ min: integer, max: integer, name: { type: "string", maxLength: 10 } }, ...rules) });

function run(schema: JSONSchemaProps, value: object, old?: object): readonly string[] {
  const tree = ruleTree(schema);
  return tree === undefined ? [] : runRules(value, tree, old && { value: old }).map(({ field, message }) => `${field}: ${message}`);
}

const cases: readonly [what: string, schema: JSONSchemaProps, value: object, old: object | undefined, ...causes: string[]][] = [
  ["a rule that holds", spec({ rule: "self.min <= self.max" }), { spec: { min: 1, max: 2 } }, undefined],
  ["a rule that does not", spec({ rule: "self.min <= self.max" }), { spec: { min: 3, max: 2 } }, undefined, 'spec: Invalid value: "object": failed rule: self.min <= self.max'],
  ["its message", spec({ rule: "self.min <= self.max", message: "too small" }), { spec: { min: 3, max: 2 } }, undefined, 'spec: Invalid value: "object": too small'],
  ["its messageExpression", spec({ rule: "self.min <= self.max", message: "no", messageExpression: "'at most ' + string(self.max)" }), { spec: { min: 3, max: 2 } }, undefined, 'spec: Invalid value: "object": at most 2'],
  ["a messageExpression that fails", spec({ rule: "self.min <= self.max", message: "no", messageExpression: "self.name" }), { spec: { min: 3, max: 2 } }, undefined, 'spec: Invalid value: "object": no'],
  ["reason and fieldPath", spec({ rule: "has(self.name)", reason: "FieldValueRequired", fieldPath: ".name" }), { spec: {} }, undefined, "spec.name: Required value: failed rule: has(self.name)"],
  ["a forbidden value", spec({ rule: "self.min > 0", reason: "FieldValueForbidden", message: "no" }), { spec: { min: 0 } }, undefined, "spec: Forbidden: no"],
  ["an error", spec({ rule: "self.min > 0" }), { spec: {} }, undefined, 'spec: Invalid value: "object": no such key: min evaluating rule: self.min > 0'],
  ["a rule of the root sees the name", object({}, { rule: "self.metadata.name.startsWith('a')" }), { metadata: { name: "b" } }, undefined, `<nil>: Invalid value: "object": failed rule: self.metadata.name.startsWith('a')`],
  ["a transition, on creation", spec({ rule: "self.min >= oldSelf.min" }), { spec: { min: 1 } }, undefined],
  ["a transition, broken", spec({ rule: "self.min >= oldSelf.min" }), { spec: { min: 1 } }, { spec: { min: 2 } }, 'spec: Invalid value: "object": failed rule: self.min >= oldSelf.min'],
  ["an optional old self, on creation", spec({ rule: "oldSelf.hasValue() || self.min == 0", optionalOldSelf: true }), { spec: { min: 1 } }, undefined, 'spec: Invalid value: "object": failed rule: oldSelf.hasValue() || self.min == 0'],
  ["an optional old self, later", spec({ rule: "oldSelf.hasValue() ? self.min == oldSelf.value().min : true", optionalOldSelf: true }), { spec: { min: 1 } }, { spec: { min: 1 } }],
  ["what was wrong and has not changed", spec({ rule: "self.min <= self.max" }), { spec: { min: 3, max: 2 }, other: 1 }, { spec: { min: 3, max: 2 } }],
  ["items and map values", object({ l: { type: "array", items: { type: "integer", "x-kubernetes-validations": [{ rule: "self > 0", message: "l" }] } }, m: { type: "object", additionalProperties: { type: "integer", "x-kubernetes-validations": [{ rule: "self > 0", message: "m" }] } } }),
    { l: [1, 0], m: { a: 0 } }, undefined, 'l[1]: Invalid value: "integer": l', 'm[a]: Invalid value: "integer": m'],
  ["a keyed item's old self", object({ l: { type: "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["k"], items: object({ k: { type: "string" }, v: integer }, { rule: "self.v >= oldSelf.v", message: "v" }) } }),
    { l: [{ k: "new", v: 0 }, { k: "a", v: 1 }] }, { l: [{ k: "a", v: 2 }] }, 'l[1]: Invalid value: "object": v'],
];
for (const [what, schema, value, old, ...causes] of cases) test(`rules: ${what}`, () => assert.deepEqual(run(schema, value, old), causes));

test("a costly rule ends within the budget of the object, and no other runs after it", () => {
  const schema = object({ l: { type: "array", items: integer, "x-kubernetes-validations": [{ rule: "self.all(x, self.all(y, self.all(z, x + y + z > 0)))" }, { rule: "false", message: "ran" }] } });
  const begun = process.cpuUsage();
  const causes = run(schema, { l: Array.from({ length: 400 }, () => 1) });
  assert.equal(causes.length, 1);
  assert.match(causes[0] ?? "", /^l: Invalid value: "array": 'operation cancelled: actual cost limit exceeded': no further validation rules will be run due to call cost exceeds limit for rule/);
  assert(process.cpuUsage(begun).user < 5_000_000);
});

const text: JSONSchemaProps = { type: "string" };
const admitted: readonly [what: string, schema: JSONSchemaProps, ...causes: (string | RegExp)[]][] = [
  ["a good rule", spec({ rule: "self.min <= self.max" })],
  ["a rule that does not compile", spec({ rule: "self.none > 1" }), /^openAPIV3Schema\.properties\[spec\]\.x-kubernetes-validations\[0\]\.rule: Invalid value: .*compilation failed: ERROR: <input>:1:5: undefined field 'none'/],
  ["a rule that is no question", spec({ rule: "self.min" }), /cel expression must evaluate to a bool$/],
  ["a message that is no text", spec({ rule: "true", messageExpression: "self.min" }), /messageExpression: Invalid value: .*messageExpression must evaluate to a string$/],
  ["a dear rule", object({ l: { type: "array", items: text, "x-kubernetes-validations": [{ rule: "self.all(x, self.all(y, x == y))" }] } }), /l\]\.x-kubernetes-validations\[0\]\.rule: Forbidden: estimated rule cost exceeds budget by factor of more than 100x \(try simplifying/, /contributed to estimated/, /entire OpenAPIv3 schema exceeds budget/],
  ["a dear message, which its cheap rule is not blamed for", spec({ rule: "self.min >= 0", messageExpression: "'invalid: ' + string(self.min)" }), /messageExpression: Forbidden: estimated messageExpression cost exceeds/, /messageExpression: Forbidden: contributed to estimated/, /entire OpenAPIv3 schema exceeds budget/],
  ["a bounded one", object({ l: { type: "array", maxItems: 10, items: { type: "string", maxLength: 10 }, "x-kubernetes-validations": [{ rule: "self.all(x, self.all(y, x == y))" }] } })],
  ["oldSelf where it is not known", object({ l: { type: "array", maxItems: 5, items: { type: "integer", "x-kubernetes-validations": [{ rule: "self > oldSelf" }] } } }), /oldSelf cannot be used on the uncorrelatable portion of the schema within openAPIV3Schema\.properties\[l\]$/],
  ["optionalOldSelf for nothing", spec({ rule: "true", optionalOldSelf: true }), /optionalOldSelf: Invalid value: true: may not be set if oldSelf is not used in rule$/],
];
for (const [what, schema, ...causes] of admitted) {
  test(`admission of rules: ${what}`, () => {
    const found = validateRules(schema, "openAPIV3Schema").map(({ field, message }) => `${field}: ${message}`);
    assert.equal(found.length, causes.length, found.join("\n"));
    causes.forEach((wanted, i) => assert.match(found[i] ?? "", new RegExp(wanted)));
  });
}
