import { deepEqual } from "node:assert/strict";
import { describe, test } from "node:test";
import type { ValidatingAdmissionPolicySpec } from "#api/gen/admissionregistration-v1.ts";
import { kinds } from "../../registry/kinds.ts";
import { typeCheck } from "./type-checking.ts";

const rules = (...resources: readonly string[]) => ({ resourceRules: [{ operations: ["*" as const], apiGroups: ["apps"], apiVersions: ["v1"], resources: [...resources] }] });
const cases: readonly (readonly [name: string, spec: ValidatingAdmissionPolicySpec, warnings: readonly (readonly [field: string, warning: string])[]])[] = [
  ["what is right", { matchConstraints: rules("deployments"), validations: [{ expression: "object.spec.replicas > 1 && object.metadata.labels['a'] == 'b' && object.spec.template.spec.containers.all(c, c.image.startsWith('x'))" }] }, []],
  ["a field that is not there", { matchConstraints: rules("deployments"), validations: [{ expression: "true" }, { expression: "object.foo" }] },
    [["spec.validations[1].expression", "apps/v1, Kind=Deployment: ERROR: <input>:1:7: undefined field 'foo'\n | object.foo\n | ......^\n"]]],
  ["types that do not meet, through a variable, in a message", { matchConstraints: rules("deployments"), variables: [{ name: "count", expression: "object.spec.replicas" }], validations: [{ expression: "variables.count > 1", messageExpression: "'n: ' + variables.count" }] },
    [["spec.validations[0].messageExpression", "apps/v1, Kind=Deployment: ERROR: <input>:1:7: found no matching overload for '_+_' applied to '(string, int)'\n | 'n: ' + variables.count\n | ......^\n"]]],
  ["each kind", { matchConstraints: rules("deployments", "daemonsets"), validations: [{ expression: "object.spec.replicas > 1" }] },
    [["spec.validations[0].expression", "apps/v1, Kind=DaemonSet: ERROR: <input>:1:12: undefined field 'replicas'\n | object.spec.replicas > 1\n | ...........^\n"]]],
  ["no kind named", { matchConstraints: rules("*"), validations: [{ expression: "object.foo" }] }, []],
];

describe("expressions are checked against the kinds that a policy names", () => {
  for (const [name, spec, warnings] of cases) test(name, () => {
    deepEqual(typeCheck({ metadata: { name: "p" }, spec, status: {} }, kinds).map(({ fieldRef, warning }) => [fieldRef, warning]), warnings);
  });
});
