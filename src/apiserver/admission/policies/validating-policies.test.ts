import { deepEqual, equal } from "node:assert/strict";
import { describe, test } from "node:test";
import type { ValidatingAdmissionPolicyBindingSpec, ValidatingAdmissionPolicySpec } from "#api/gen/admissionregistration-v1.ts";
import { isStatus } from "#apimachinery/status.ts";
import { kinds } from "../../registry/kinds.ts";
import { Registry } from "../../registry/registry.ts";
import type { AdmissionAttributes } from "../attributes.ts";
import { requestFor } from "../fixture.ts";
import { servedKinds } from "./served-kinds.ts";
import { validatingPolicies } from "./validating-policies.ts";

const authorizer = { authorize: async ({ verb, user }: { readonly verb: string; readonly user: { readonly name: string } }) => ({ allowed: verb === "use" && user.name === "admin", reason: "said so" }) };
const plugin = validatingPolicies(authorizer, servedKinds(new Registry(kinds)));
const deployments = { resourceRules: [{ operations: ["CREATE" as const], apiGroups: ["apps"], apiVersions: ["v1"], resources: ["deployments"] }] };
const deployment = { metadata: { name: "web", namespace: "default", labels: { app: "web" } }, spec: { replicas: 5, template: { spec: { containers: [{ name: "c", image: "nginx" }] } } } };
const space = { metadata: { name: "default", labels: { env: "test" } } };
const limit = { metadata: { name: "limit", namespace: "default", labels: { use: "yes" } }, data: { most: "3" } };
const other = { metadata: { name: "other", namespace: "default" }, data: { most: "4" } };

interface Given {
  readonly policy?: Partial<ValidatingAdmissionPolicySpec>;
  readonly binding?: Partial<ValidatingAdmissionPolicyBindingSpec>;
  readonly request?: Partial<AdmissionAttributes>;
  readonly object?: object;
}

/** The refusal's reason and message, the warnings, and what the audit is told. */
async function judge({ policy = {}, binding = {}, request = {}, object = deployment }: Given): Promise<{ readonly refusal: string | undefined; readonly warnings: readonly string[]; readonly remarks: Readonly<Record<string, string>> }> {
  const warnings: string[] = [];
  const remarks: Record<string, string> = {};
  const stored = {
    namespaces: [space], configmaps: [limit, other],
    validatingadmissionpolicies: [{ metadata: { name: "p" }, spec: { failurePolicy: "Fail", matchConstraints: deployments, validations: [{ expression: "object.spec.replicas <= 3" }], ...policy } }],
    validatingadmissionpolicybindings: [{ metadata: { name: "b" }, spec: { policyName: "p", validationActions: ["Deny"], ...binding } }],
  };
  const attributes = requestFor("deployments", stored, { ...request, warn: (text) => { warnings.push(text); }, annotate: (key, value) => { remarks[key] = value; } });
  try {
    await plugin.validate?.(attributes, attributes.operation === "DELETE" ? undefined : object as never);
    return { refusal: undefined, warnings, remarks };
  } catch (err) {
    if (!isStatus(err, "Invalid", "Forbidden")) throw err;
    return { refusal: `${err.reason}: ${err.message.replace("deployments.apps \"web\" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: ", "")}`, warnings, remarks };
  }
}

const params = { paramKind: { apiVersion: "v1", kind: "ConfigMap" }, validations: [{ expression: "object.spec.replicas <= int(params.data.most)" }] };
const cases: readonly (readonly [name: string, given: Given, refusal: string | undefined])[] = [
  ["a failing validation refuses, and tells itself", {}, "Invalid: failed expression: object.spec.replicas <= 3"],
  ["one that holds does not", { policy: { validations: [{ expression: "object.kind == 'Deployment' && object.metadata.name == 'web'" }] } }, undefined],
  ["a message and a reason", { policy: { validations: [{ expression: "false", message: " too many ", reason: "Forbidden" }] } }, "Forbidden: too many"],
  ["a message expression comes first", { policy: { validations: [{ expression: "false", message: "no", messageExpression: "'replicas: ' + string(object.spec.replicas)" }] } }, "Invalid: replicas: 5"],
  ["one that fails leaves the message", { policy: { validations: [{ expression: "false", message: "no", messageExpression: "object.spec.missing" }] } }, "Invalid: no"],
  ["variables, each after another", { policy: { variables: [{ name: "n", expression: "object.spec.replicas" }, { name: "twice", expression: "variables.n * 2" }], validations: [{ expression: "variables.twice < 10", messageExpression: "'twice is ' + string(variables.twice)" }] } }, "Invalid: twice is 10"],
  ["a variable that is not compiled", { policy: { variables: [{ name: "n", expression: "nothing" }], validations: [{ expression: "variables.n == 1" }] } }, "Invalid: expression 'variables.n == 1' resulted in error: composited variable \"n\" fails to compile: compilation failed: ERROR: <input>:1:1: undeclared reference to 'nothing' (in container '')\n | nothing\n | ^"],
  ["an error refuses", { policy: { validations: [{ expression: "object.spec.missing == 1" }] } }, "Invalid: expression 'object.spec.missing == 1' resulted in error: no such key: missing"],
  ["unless failures are ignored", { policy: { failurePolicy: "Ignore", validations: [{ expression: "object.spec.missing == 1" }] } }, undefined],
  ["what does not compile refuses", { policy: { validations: [{ expression: "object.spec.replicas <" }] } }, "Invalid: compilation error: compilation failed: ERROR: <input>:1:23: Syntax error: mismatched input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}\n | object.spec.replicas <\n | ......................^"],
  ["what is no condition refuses", { policy: { validations: [{ expression: "1 + 1" }] } }, "Invalid: compilation error: must evaluate to bool"],
  ["the request and who asks", { policy: { validations: [{ expression: "request.userInfo.username == 'admin' && request.operation == 'CREATE' && request.resource.resource == 'deployments' && request.namespace == 'default' && !request.dryRun && oldObject == null" }] } }, undefined],
  ["the request's options", { request: { options: () => ({ fieldManager: "kubectl", dryRun: ["All"] }) }, policy: { validations: [{ expression: "request.options.kind == 'CreateOptions' && request.options.apiVersion == 'meta.k8s.io/v1' && request.options.fieldManager == 'kubectl' && request.options.dryRun == ['All'] && !has(request.options.fieldValidation)" }] } }, undefined],
  ["a deletion's options", { request: { operation: "DELETE", oldObject: deployment as never, options: () => ({ propagationPolicy: "Foreground" }) }, policy: { matchConstraints: { resourceRules: [{ operations: ["DELETE"], apiGroups: ["apps"], apiVersions: ["v1"], resources: ["deployments"] }] }, validations: [{ expression: "request.options.kind == 'DeleteOptions' && request.options.propagationPolicy == 'Orphan'" }] } }, "Invalid: failed expression: request.options.kind == 'DeleteOptions' && request.options.propagationPolicy == 'Orphan'"],
  ["the namespace", { policy: { validations: [{ expression: "namespaceObject.metadata.labels.env == 'prod'" }] } }, "Invalid: failed expression: namespaceObject.metadata.labels.env == 'prod'"],
  ["the authorizer", { policy: { validations: [{ expression: "authorizer.group('apps').resource('deployments').check('use').allowed() && !authorizer.requestResource.check('delete').allowed()" }] } }, undefined],
  ["match conditions that do not hold", { policy: { matchConditions: [{ name: "other", expression: "object.metadata.name != 'web'" }] } }, undefined],
  ["match conditions that fail", { policy: { matchConditions: [{ name: "broken", expression: "object.nothing" }] } }, "Invalid: expression 'object.nothing' resulted in error: no such key: nothing"],
  ["other resources", { policy: { matchConstraints: { resourceRules: [{ operations: ["*"], apiGroups: ["apps"], apiVersions: ["*"], resources: ["statefulsets", "*/scale"] }] } } }, undefined],
  ["other operations", { request: { operation: "UPDATE", oldObject: deployment as never } }, undefined],
  ["what is excluded", { policy: { matchConstraints: { ...deployments, excludeResourceRules: [{ operations: ["*"], apiGroups: ["*"], apiVersions: ["*"], resources: ["*"], resourceNames: ["web"] }] } } }, undefined],
  ["other namespaces, by the binding", { binding: { matchResources: { namespaceSelector: { matchLabels: { env: "prod" } } } } }, undefined],
  ["other objects", { policy: { matchConstraints: { ...deployments, objectSelector: { matchLabels: { app: "other" } } } } }, undefined],
  ["parameters by name", { policy: params, binding: { paramRef: { name: "limit", namespace: "default", parameterNotFoundAction: "Deny" } } }, "Invalid: failed expression: object.spec.replicas <= int(params.data.most)"],
  ["parameters by labels, in the object's namespace", { policy: params, binding: { paramRef: { selector: { matchLabels: { use: "yes" } }, parameterNotFoundAction: "Deny" } } }, "Invalid: failed expression: object.spec.replicas <= int(params.data.most)"],
  ["parameters that are missing", { policy: params, binding: { paramRef: { name: "none", parameterNotFoundAction: "Deny" } } }, "Invalid: failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction"],
  ["and need not be there", { policy: params, binding: { paramRef: { name: "none", parameterNotFoundAction: "Allow" } } }, undefined],
  ["another policy's binding", { binding: { policyName: "q" } }, undefined],
  ["an audit annotation that is no text", { policy: { validations: [], auditAnnotations: [{ key: "k", valueExpression: "object.spec.replicas" }] } }, "Invalid: valueExpression 'object.spec.replicas' resulted in unsupported return type. Return type must be either string or null."],
  ["expressions without an end to their cost", { policy: { validations: [{ expression: `${"[0,1,2,3,4,5,6,7,8,9].all(a, ".repeat(7)}true${")".repeat(7)}` }] } }, `Invalid: expression '${"[0,1,2,3,4,5,6,7,8,9].all(a, ".repeat(7)}true${")".repeat(7)}' resulted in error: operation cancelled: actual cost limit exceeded`],
];

describe("validating admission policies", () => {
  for (const [name, given, refusal] of cases) test(name, async () => { equal((await judge(given)).refusal, refusal); });

  test("a warning does not refuse", async () => {
    deepEqual(await judge({ binding: { validationActions: ["Warn"] } }), { refusal: undefined, remarks: {}, warnings: ["Validation failed for ValidatingAdmissionPolicy 'p' with binding 'b': failed expression: object.spec.replicas <= 3"] });
  });

  test("the audit is told of a failure, and of which expression", async () => {
    const validations = [{ expression: "true" }, { expression: "object.spec.replicas < 3" }];
    deepEqual(await judge({ policy: { validations }, binding: { validationActions: ["Audit"] } }), {
      refusal: undefined, warnings: [],
      remarks: { "validation.policy.admission.k8s.io/validation_failure": '[{"message":"failed expression: object.spec.replicas \\u003c 3","policy":"p","binding":"b","expressionIndex":1,"validationActions":["Audit"]}]' },
    });
  });

  const annotations: readonly (readonly [name: string, valueExpression: string, remarks: Readonly<Record<string, string>>])[] = [
    ["a value is told under the policy's name", "'replicas: ' + string(object.spec.replicas) + ' '", { "p/k": "replicas: 5" }],
    ["null leaves it out", "null", {}], ["so does empty text", "' '", {}], ["a long one is cut", `'${"x".repeat(4000)}'.replace('x', 'xxxx')`, { "p/k": "x".repeat(10_240) }],
  ];
  for (const [name, valueExpression, remarks] of annotations) {
    test(`an audit annotation: ${name}`, async () => { deepEqual(await judge({ policy: { validations: [], auditAnnotations: [{ key: "k", valueExpression }] } }), { refusal: undefined, warnings: [], remarks }); });
  }

  test("an audit annotation that cannot be made refuses, whatever the binding does about failures", async () => {
    const auditAnnotations = [{ key: "k", valueExpression: "object.spec.missing" }];
    equal((await judge({ policy: { validations: [], auditAnnotations }, binding: { validationActions: ["Warn"] } })).refusal, "Invalid: expression 'object.spec.missing' resulted in error: no such key: missing");
  });

  test("parameters that come to different values are told side by side", async () => {
    const policy = { paramKind: { apiVersion: "v1", kind: "ConfigMap" }, validations: [], auditAnnotations: [{ key: "k", valueExpression: "params.data.most" }] };
    deepEqual((await judge({ policy, binding: { paramRef: { selector: {}, parameterNotFoundAction: "Deny" } } })).remarks, { "p/k": "3, 4" });
  });
});
