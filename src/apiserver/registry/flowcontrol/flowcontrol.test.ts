import assert from "node:assert/strict";
import { test } from "node:test";
import { cells, objectOf, refusals } from "../fixture.ts";
import { mandatoryLevels, mandatorySchemas, suggestedLevels, suggestedSchemas } from "./bootstrap.ts";
import { flowSchemas } from "./flow-schema.ts";
import { priorityLevelConfigurations as levels } from "./priority-level-configuration.ts";

test("the objects that every cluster has are valid, and defaults change nothing about them", () => {
  for (const level of [...mandatoryLevels, ...suggestedLevels]) {
    assert.deepEqual(refusals(levels, structuredClone(level)), [], level.metadata.name);
    assert.deepEqual(objectOf(levels, structuredClone(level)), level);
  }
  for (const schema of [...mandatorySchemas, ...suggestedSchemas]) {
    assert.deepEqual(refusals(flowSchemas, structuredClone(schema)), [], schema.metadata.name);
    assert.deepEqual(objectOf(flowSchemas, structuredClone(schema)).spec, schema.spec);
  }
});

type Case = readonly [name: string, spec: object, want: readonly string[]];
const anybody = [{ kind: "Group", group: { name: "a" } }];
const rule = { verbs: ["get"], apiGroups: [""], resources: ["pods"], namespaces: ["*"] };
const specOf = (fields: object): object => ({ priorityLevelConfiguration: { name: "a" }, ...fields });
const ruled = (fields: object): object => specOf({ rules: [{ subjects: anybody, resourceRules: [rule], ...fields }] });
const subject = (fields: object): object => ruled({ subjects: [fields] });
const verbs = '"create", "delete", "deletecollection", "get", "list", "patch", "proxy", "update", "watch"';

// Upstream: pkg/apis/flowcontrol/validation ValidateFlowSchema
const schemaCases: readonly Case[] = [
  ["a rule", ruled({}), []],
  ["no level", { priorityLevelConfiguration: {} }, ["spec.priorityLevelConfiguration.name: Required value: must reference a priority level"]],
  ["the first place", specOf({ matchingPrecedence: 1 }), ["spec.matchingPrecedence: Invalid value: 1: only the schema named 'exempt' may have matchingPrecedence 1"]],
  ["a place behind the last", specOf({ matchingPrecedence: 10_001 }), ["spec.matchingPrecedence: Invalid value: 10001: must not be greater than 10000"]],
  ["a negative place", specOf({ matchingPrecedence: -1 }), ["spec.matchingPrecedence: Invalid value: -1: must be a positive value"]],
  ["another method", specOf({ distinguisherMethod: { type: "ByMood" } }), ['spec.distinguisherMethod.type: Unsupported value: {"type":"ByMood"}: supported values: "ByNamespace", "ByUser"']],
  ["no subjects", ruled({ subjects: [] }), ["spec.rules[0].subjects: Required value: subjects must contain at least one value"]],
  ["no rules", ruled({ resourceRules: [] }), ["spec.rules[0]: Required value: at least one of resourceRules and nonResourceRules has to be non-empty"]],
  ["a user that is a group", subject({ kind: "User", group: { name: "a" } }), [
    "spec.rules[0].subjects[0].user: Required value: user is required when subject kind is 'User'", "spec.rules[0].subjects[0].group: Forbidden: group is forbidden when subject kind is not 'Group'",
  ]],
  ["a subject of another kind", subject({ kind: "Robot" }), ['spec.rules[0].subjects[0].kind: Unsupported value: "Robot": supported values: "Group", "ServiceAccount", "User"']],
  ["an account of nowhere", subject({ kind: "ServiceAccount", serviceAccount: { name: "*" } }), ["spec.rules[0].subjects[0].serviceAccount.namespace: Required value: must specify namespace for service account"]],
  ["a verb of its own", ruled({ resourceRules: [{ ...rule, verbs: ["sing"] }] }), [`spec.rules[0].resourceRules[0].verbs: Unsupported value: ["sing"]: supported values: ${verbs}`]],
  ["a star among verbs", ruled({ resourceRules: [{ ...rule, verbs: ["*", "get"] }] }), [`spec.rules[0].resourceRules[0].verbs: Invalid value: ["*","get"]: if '*' is present, must not specify other verbs`]],
  ["no namespace", ruled({ resourceRules: [{ ...rule, namespaces: [] }] }), ["spec.rules[0].resourceRules[0].namespaces: Required value: resource rules that are not cluster scoped must supply at least one namespace"]],
  ["paths", ruled({ nonResourceRules: [{ verbs: ["*"], nonResourceURLs: ["/", "/a/*", "a", "/a b", "/a//b", "/*/a", ""] }] }), [
    'spec.rules[0].nonResourceRules[0].nonResourceURLs[2]: Invalid value: "a": must start with slash', 'spec.rules[0].nonResourceRules[0].nonResourceURLs[3]: Invalid value: "/a b": must not contain white-space',
    'spec.rules[0].nonResourceRules[0].nonResourceURLs[4]: Invalid value: "/a//b": must not contain double slash', 'spec.rules[0].nonResourceRules[0].nonResourceURLs[5]: Invalid value: "/*/a": wildcard can only do suffix matching',
    'spec.rules[0].nonResourceRules[0].nonResourceURLs[6]: Invalid value: "": must not be empty',
  ]],
];
for (const [name, spec, want] of schemaCases) test(`a FlowSchema with ${name}`, () => assert.deepEqual(refusals(flowSchemas, { spec }), want));

const limited = (fields: object): object => ({ type: "Limited", limited: { limitResponse: { type: "Reject" }, ...fields } });
const queuing = (fields: object): object => limited({ limitResponse: { type: "Queue", queuing: fields } });
const queuingField = "spec.limited.limitResponse.queuing";

// Upstream: pkg/apis/flowcontrol/validation ValidatePriorityLevelConfiguration
const levelCases: readonly Case[] = [
  ["a limit", limited({ nominalConcurrencyShares: 0 }), []],
  ["queues", queuing({}), []],
  ["no limits for itself", { type: "Exempt" }, [`spec.type: Invalid value: "Exempt": type must be 'Exempt' if and only if name is 'exempt'`]],
  ["no type", {}, ['spec.type: Unsupported value: "": supported values: "Exempt", "Limited"']],
  ["no limit", { type: "Limited", exempt: {} }, ["spec.exempt: Forbidden: must be nil if the type is Limited", "spec.limited: Required value: must not be empty when type is Limited"]],
  ["numbers out of bounds", limited({ nominalConcurrencyShares: -1, lendablePercent: 101, borrowingLimitPercent: -1 }), [
    "spec.limited.nominalConcurrencyShares: Invalid value: -1: must be a non-negative integer", "spec.limited.lendablePercent: Invalid value: 101: must be between 0 and 100, inclusive",
    "spec.limited.borrowingLimitPercent: Invalid value: -1: if specified, must be a non-negative integer",
  ]],
  ["another answer", limited({ limitResponse: { type: "Shrug" } }), ['spec.limited.limitResponse.type: Unsupported value: "Shrug": supported values: "Queue", "Reject"']],
  ["queues of those whom it rejects", limited({ limitResponse: { type: "Reject", queuing: {} } }), [`${queuingField}: Forbidden: must be nil if limited.limitResponse.type is not Limited`]],
  ["a hand larger than the deck", queuing({ queues: 2, handSize: 3 }), [`${queuingField}.handSize: Invalid value: 3: should not be greater than queues (2)`]],
  ["a hand that no hash can deal", queuing({ queues: 1024, handSize: 8 }), [`${queuingField}.handSize: Invalid value: 8: required entropy bits of deckSize 1024 and handSize 8 should not be greater than 60`]],
];
for (const [name, spec, want] of levelCases) test(`a PriorityLevelConfiguration with ${name}`, () => assert.deepEqual(refusals(levels, { spec }), want));

test("what is mandatory stays as it is, but for the shares of those without limits", () => {
  const changed = { metadata: { name: "catch-all" }, spec: limited({ nominalConcurrencyShares: 6 }) };
  assert.match(refusals(levels, changed).join(), /^spec: Invalid value: .*: spec of 'catch-all' must equal the fixed value$/);
  assert.deepEqual(refusals(levels, { metadata: { name: "exempt" }, spec: { type: "Exempt", exempt: { nominalConcurrencyShares: 10 } } }), []);
  assert.match(refusals(flowSchemas, { metadata: { name: "exempt" }, spec: specOf({ matchingPrecedence: 2 }) }).join(), /spec of 'exempt' must equal the fixed value$/);
});

test("schemas and levels show what they are", () => {
  assert.deepEqual(cells(flowSchemas, { ...structuredClone(suggestedSchemas[1]), status: { conditions: [{ type: "Dangling", status: "False" }] } }), ["system-leader-election", "leader-election", 100, "ByUser", "<unknown>", "False"]);
  assert.deepEqual(cells(levels, structuredClone(suggestedLevels[2] ?? {})), ["leader-election", "Limited", 10, 16, 4, 50, "<unknown>"]);
  assert.deepEqual(cells(levels, structuredClone(mandatoryLevels[0] ?? {})), ["exempt", "Exempt", "<none>", "<none>", "<none>", "<none>", "<unknown>"]);
});
