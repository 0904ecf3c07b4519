import assert from "node:assert/strict";
import { test } from "node:test";
import type { ValidatingAdmissionPolicy } from "#api/gen/admissionregistration-v1.ts";
import { cells, objectOf, table, texts } from "../fixture.ts";
import type { StatusLike } from "../resource.ts";
import { mutatingAdmissionPolicies } from "./mutating-admission-policy.ts";
import { mutatingAdmissionPolicyBindings, validatingAdmissionPolicyBindings } from "./policy-bindings.ts";
import { validatingAdmissionPolicies } from "./validating-admission-policy.ts";
import { mutatingWebhookConfigurations, validatingWebhookConfigurations } from "./webhooks.ts";

const rule = { operations: ["CREATE"], apiGroups: [""], apiVersions: ["v1"], resources: ["pods"] };
const hook = { name: "a.acme.io", clientConfig: { service: { name: "a", namespace: "b" } }, sideEffects: "None", admissionReviewVersions: ["v1"], rules: [rule] };
const hooked = (fields: object): object => ({ webhooks: [{ ...hook, ...fields }] });
const ruled = (fields: object): object => hooked({ rules: [{ ...rule, ...fields }] });
const client = (clientConfig: object): object => hooked({ clientConfig });
const at = "webhooks[0]";

// Upstream: pkg/apis/admissionregistration/validation validateValidatingWebhookConfiguration
table(validatingWebhookConfigurations, [
  ["a webhook", hooked({}), []],
  ["a short name", hooked({ name: "a.io" }), [`${at}.name: Invalid value: "a.io": should be a domain with at least three segments separated by dots`]],
  ["one name twice", { webhooks: [hook, hook] }, ['webhooks[1].name: Duplicate value: "a.acme.io"']],
  ["no word on side effects", hooked({ sideEffects: undefined }), [`${at}.sideEffects: Required value: must specify one of None, NoneOnDryRun`]],
  ["side effects", hooked({ sideEffects: "Some" }), [`${at}.sideEffects: Unsupported value: "Some": supported values: "None", "NoneOnDryRun"`]],
  ["a long time", hooked({ timeoutSeconds: 31 }), [`${at}.timeoutSeconds: Invalid value: 31: the timeout value must be between 1 and 30 seconds`]],
  ["another policy", hooked({ failurePolicy: "Cry" }), [`${at}.failurePolicy: Unsupported value: "Cry": supported values: "Fail", "Ignore"`]],
  ["no version", hooked({ admissionReviewVersions: [] }), [`${at}.admissionReviewVersions: Required value: must specify one of v1, v1beta1`]],
  ["versions of its own", hooked({ admissionReviewVersions: ["v7", "v7"] }), [`${at}.admissionReviewVersions[1]: Invalid value: "v7": duplicate version`, `${at}.admissionReviewVersions: Invalid value: ["v7","v7"]: must include at least one of v1, v1beta1`]],
  ["nowhere to call", client({}), [`${at}.clientConfig: Required value: exactly one of url or service is required`]],
  ["a plain URL", client({ url: "http://a@b/c?d#e" }), [
    `${at}.clientConfig.url: Invalid value: "http": 'https' is the only allowed URL scheme; desired format: https://host[/path]`, `${at}.clientConfig.url: Invalid value: "a": user information is not permitted in the URL`,
    `${at}.clientConfig.url: Invalid value: "e": fragments are not permitted in the URL`, `${at}.clientConfig.url: Invalid value: "d": query parameters are not permitted in the URL`,
  ]],
  ["a good URL", client({ url: "https://a.b:8443/c" }), []],
  ["a URL of nowhere", client({ url: "https:///c" }), [`${at}.clientConfig.url: Invalid value: "": host must be specified; desired format: https://host[/path]`]],
  ["a bad service", client({ service: { port: 0, path: "a//b" } }), [
    `${at}.clientConfig.service.name: Required value: service name is required`, `${at}.clientConfig.service.namespace: Required value: service namespace is required`,
    `${at}.clientConfig.service.port: Invalid value: 0: port is not valid: must be between 1 and 65535, inclusive`, `${at}.clientConfig.service.path: Invalid value: "a//b": must start with a '/'`,
    ...[0, 1].map((i) => `${at}.clientConfig.service.path: Invalid value: "a//b": segment[${i}] may not be empty`),
  ]],
  ["an empty rule", ruled({ operations: [], apiGroups: [], apiVersions: [], resources: [] }), ["operations", "apiGroups", "apiVersions", "resources"].map((field) => `${at}.rules[0].${field}: Required value`)],
  ["stars among others", ruled({ operations: ["*", "CREATE"], apiGroups: ["*", ""], apiVersions: ["*", ""], resources: ["*", "pods"] }), [
    `${at}.rules[0].operations: Invalid value: ["*","CREATE"]: if '*' is present, must not specify other operations`, `${at}.rules[0].apiGroups: Invalid value: ["*",""]: if '*' is present, must not specify other API groups`,
    `${at}.rules[0].apiVersions: Invalid value: ["*",""]: if '*' is present, must not specify other API versions`, `${at}.rules[0].apiVersions[1]: Required value`,
    `${at}.rules[0].resources: Invalid value: ["*","pods"]: if '*' is present, must not specify other resources without subresources`,
  ]],
  ["resources named twice over", ruled({ resources: ["pods/*", "pods/log", "*/scale", "a/scale", "*/*"] }), [
    `${at}.rules[0].resources[1]: Invalid value: "pods/log": if 'pods/*' is present, must not specify pods/log`, `${at}.rules[0].resources[3]: Invalid value: "a/scale": if '*/scale' is present, must not specify a/scale`,
    `${at}.rules[0].resources: Invalid value: ["pods/*","pods/log","*/scale","a/scale","*/*"]: if '*/*' is present, must not specify other resources`,
  ]],
  ["conditions", hooked({ matchConditions: [{ name: "a", expression: " " }, { name: "a", expression: "true" }, { name: "", expression: "true" }] }), [
    `${at}.matchConditions[0].expression: Required value`, `${at}.matchConditions[1].name: Duplicate value: "a"`, `${at}.matchConditions[2].name: Required value`,
  ]],
]);

test("a webhook says what it leaves out", () => {
  const [made] = objectOf(mutatingWebhookConfigurations, hooked({})).webhooks ?? [];
  assert.deepEqual([made?.failurePolicy, made?.matchPolicy, made?.timeoutSeconds, made?.reinvocationPolicy, made?.rules?.[0]?.scope, made?.clientConfig.service?.port], ["Fail", "Equivalent", 10, "Never", "*", 443]);
  assert.deepEqual(cells(mutatingWebhookConfigurations, hooked({})), ["x", 1, "<unknown>"]);
});

const matchConstraints = { resourceRules: [rule] };
const policy = { matchConstraints, validations: [{ expression: "true" }] };
const spec = (fields: object): object => ({ spec: { ...policy, ...fields } });
const nothing = "validations or auditAnnotations must contain at least one item";

// Upstream: pkg/apis/admissionregistration/validation validateValidatingAdmissionPolicy
table(validatingAdmissionPolicies, [
  ["a rule", spec({}), []],
  ["nothing", {}, ["spec.matchConstraints: Required value", `spec.validations: Required value: ${nothing}`, `spec.auditAnnotations: Required value: ${nothing}`]],
  ["no resources", spec({ matchConstraints: {} }), ["spec.matchConstraints.resourceRules: Required value"]],
  ["parameters of a strange kind", spec({ paramKind: { apiVersion: "a/b/c", kind: "A B" } }), [
    "spec.paramKind.apiVersion: Invalid value: \"a/b/c\": unexpected GroupVersion string: a/b/c",
    "spec.paramKind.kind: Invalid value: \"A B\": may have mixed case, but should otherwise match: a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')",
  ]],
  ["empty texts", spec({ validations: [{ expression: " ", message: " ", messageExpression: " ", reason: "Mood" }] }), [
    "spec.validations[0].expression: Required value: expression is not specified", 'spec.validations[0].messageExpression: Invalid value: " ": must be non-empty if specified',
    'spec.validations[0].message: Invalid value: " ": must be non-empty if specified', 'spec.validations[0].reason: Unsupported value: "Mood": supported values: "Forbidden", "Invalid", "RequestEntityTooLarge"',
  ]],
  ["a message of two lines", spec({ validations: [{ expression: "true", message: "a\nb" }] }), ['spec.validations[0].message: Invalid value: "a\\nb": must not contain line breaks']],
  ["variables that are none", spec({ variables: [{ name: "a-b", expression: "1" }, { name: "in", expression: "" }] }), [
    'spec.variables[0].name: Invalid value: "a-b": must be a valid CEL identifier', 'spec.variables[1].name: Invalid value: "in": must be a valid CEL identifier', "spec.variables[1].expression: Required value: expression is not specified",
  ]],
  ["annotations named twice", spec({ auditAnnotations: [{ key: "a", valueExpression: "'1'" }, { key: "a", valueExpression: "" }] }), [
    "spec.auditAnnotations[1].valueExpression: Required value: valueExpression is not specified", 'spec.auditAnnotations[1].key: Duplicate value: "a"',
  ]],
]);

test("the status of a policy has conditions and warnings in good form", () => {
  const write = validatingAdmissionPolicies.subresources?.["status"] as StatusLike<ValidatingAdmissionPolicy>;
  const status = { typeChecking: { expressionWarnings: [{ fieldRef: "", warning: "" }] }, conditions: [{ type: "a", status: "Maybe", reason: "", message: "" }] };
  const obj = objectOf(validatingAdmissionPolicies, { ...spec({}), status });
  assert.deepEqual(texts(write.validateUpdate?.(obj, obj)), [
    "status.typeChecking.expressionWarnings[0].warning: Required value", "status.typeChecking.expressionWarnings[0].fieldRef: Required value",
    'status.conditions[0].status: Unsupported value: "Maybe": supported values: "False", "True", "Unknown"', "status.conditions[0].lastTransitionTime: Required value: must be set", "status.conditions[0].reason: Required value: must be set",
  ]);
  assert.deepEqual(cells(validatingAdmissionPolicies, spec({ paramKind: { apiVersion: "a/v1", kind: "A" } })), ["x", 1, "a/v1/A", "<unknown>"]);
});

const mutation = { patchType: "JSONPatch", jsonPatch: { expression: "[]" } };
const mutating = (fields: object): object => ({ spec: { matchConstraints, mutations: [mutation], ...fields } });
table(mutatingAdmissionPolicies, [
  ["a change", mutating({}), []],
  ["no change", mutating({ mutations: [] }), ["spec.mutations: Required value: mutations must contain at least one item"]],
  ["deletions", mutating({ matchConstraints: { resourceRules: [{ ...rule, operations: ["DELETE"] }] } }), ['spec.matchConstraints.resourceRules.operations: Unsupported value: "DELETE": supported values: "*", "CONNECT", "CREATE", "UPDATE"']],
  ["a patch of two sorts", mutating({ mutations: [{ ...mutation, applyConfiguration: {} }] }), ['spec.mutations[0].applyConfiguration: Invalid value: "{applyConfiguration}": must not be specified when patchType is JSONPatch']],
  ["a patch that is not there", mutating({ mutations: [{ patchType: "ApplyConfiguration" }] }), ["spec.mutations[0].applyConfiguration: Required value: must be specified when patchType is ApplyConfiguration"]],
  ["another patch", mutating({ mutations: [{ patchType: "Glue" }] }), ['spec.mutations[0].patchType: Unsupported value: "Glue": supported values: "ApplyConfiguration", "JSONPatch"']],
]);

const binding = { policyName: "a", validationActions: ["Deny"] };
table(validatingAdmissionPolicyBindings, [
  ["an action", { spec: binding }, []],
  ["nothing", {}, ["spec.policyName: Required value", "spec.validationActions: Required value: at least one validation action is required"]],
  ["two answers", { spec: { ...binding, validationActions: ["Deny", "Warn", "Deny"] } }, [
    'spec.validationActions[2]: Duplicate value: "Deny"',
    'spec.validationActions: Invalid value: ["Deny","Warn","Deny"]: must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)',
  ]],
  ["parameters by name and selector", { spec: { ...binding, paramRef: { name: "a", selector: {} } } }, [
    "spec.paramRef.name: Forbidden: name and selector are mutually exclusive", "spec.paramRef.selector: Forbidden: name and selector are mutually exclusive",
  ]],
  ["parameters of no name", { spec: { ...binding, paramRef: { parameterNotFoundAction: "Guess" } } }, [
    "spec.paramRef: Required value: one of name or selector must be specified", 'spec.paramRef.parameterNotFoundAction: Unsupported value: "Guess": supported values: "Deny", "Allow"',
  ]],
]);
table(mutatingAdmissionPolicyBindings, [["a policy", { spec: { policyName: "a" } }, []]]);

test("a binding shows its parameters", () => {
  assert.deepEqual(cells(mutatingAdmissionPolicyBindings, { spec: { policyName: "a", paramRef: { name: "p", namespace: "n" } } }), ["x", "a", "n/p", "<unknown>"]);
  assert.deepEqual(cells(mutatingAdmissionPolicyBindings, { spec: { policyName: "a" } }), ["x", "a", "<unset>", "<unknown>"]);
});
