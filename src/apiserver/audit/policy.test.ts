import assert from "node:assert/strict";
import { test } from "node:test";
import { requestInfo } from "../filters/request-info.ts";
import { extentOf, uniform, type Policy, type PolicyRule } from "./policy.ts";
import { readPolicy } from "./read-policy.ts";

const user = { name: "ada", groups: ["devs", "system:authenticated"] };
const asked = (method: string, url: string): { readonly user: typeof user; readonly info: ReturnType<typeof requestInfo> } => ({ user, info: requestInfo(method, url) });
const pods = asked("GET", "/api/v1/namespaces/x/pods/p");
const logs = asked("GET", "/api/v1/namespaces/x/pods/p/log");
const secret = asked("POST", "/api/v1/namespaces/x/secrets");
const token = asked("POST", "/api/v1/namespaces/x/serviceaccounts/a/token");
const health = asked("GET", "/healthz/etcd");

// Upstream: apiserver/pkg/audit/policy/checker_test.go
const cases: readonly (readonly [name: string, rule: Partial<PolicyRule>, subject: typeof pods, fits: boolean])[] = [
  ["everything", {}, pods, true], ["a user", { users: ["ada"] }, pods, true], ["another user", { users: ["bob"] }, pods, false],
  ["a group", { userGroups: ["ops", "devs"] }, pods, true], ["another group", { userGroups: ["ops"] }, pods, false],
  ["a verb", { verbs: ["get"] }, pods, true], ["another verb", { verbs: ["list"] }, pods, false],
  ["a namespace", { namespaces: ["x"] }, pods, true], ["another namespace", { namespaces: ["y"] }, pods, false], ["no namespace", { namespaces: [""] }, asked("GET", "/api/v1/nodes"), true],
  ["a namespace, and no resource", { namespaces: [""] }, health, false],
  ["a resource", { resources: [{ group: "", resources: ["pods"] }] }, pods, true], ["of any name in the group", { resources: [{ group: "" }] }, pods, true], ["another group of resources", { resources: [{ group: "apps" }] }, pods, false],
  ["a resource, not its parts", { resources: [{ resources: ["pods"] }] }, logs, false], ["its parts", { resources: [{ resources: ["pods/*"] }] }, logs, true], ["that part of any", { resources: [{ resources: ["*/log"] }] }, logs, true],
  ["all of them", { resources: [{ resources: ["*"] }] }, logs, true], ["a name", { resources: [{ resources: ["pods"], resourceNames: ["p"] }] }, pods, true], ["another name", { resources: [{ resources: ["pods"], resourceNames: ["q"] }] }, pods, false],
  ["a path", { nonResourceURLs: ["/healthz*"] }, health, true], ["another path", { nonResourceURLs: ["/metrics"] }, health, false], ["paths, and a resource is asked for", { nonResourceURLs: ["*"] }, pods, false],
];
for (const [name, rule, subject, fits] of cases) test(`a rule for ${name}`, () => assert.equal(extentOf({ rules: [{ level: "Metadata", ...rule }] }, subject).level, fits ? "Metadata" : "None"));

test("the first rule that fits decides, and what is left out adds up", () => {
  const policy: Policy = { omitStages: ["RequestReceived"], omitManagedFields: true, rules: [{ level: "None", users: ["bob"] }, { level: "Request", omitStages: ["Panic"], omitManagedFields: false }, { level: "Metadata" }] };
  assert.deepEqual(extentOf(policy, pods), { level: "Request", omitted: new Set(["RequestReceived", "Panic"]), managedFields: true });
});

test("secrets and tokens are shown only where a rule names them", () => {
  for (const subject of [secret, token]) {
    assert.equal(extentOf(uniform("RequestResponse"), subject).level, "Metadata");
    assert.equal(extentOf({ rules: [{ level: "RequestResponse", resources: [{ group: "", resources: ["*"] }] }] }, subject).level, "Metadata");
    assert.equal(extentOf({ rules: [{ level: "RequestResponse", resources: [{ group: "", resources: ["secrets", "serviceaccounts/token"] }] }] }, subject).level, "RequestResponse");
  }
});

const head = "apiVersion: audit.k8s.io/v1\nkind: Policy\n";
const texts: readonly (readonly [name: string, text: string, problems: readonly string[]])[] = [
  ["no rules", head, ["loaded illegal policy with 0 rules"]],
  ["another kind", "apiVersion: v1\nkind: Pod\n", ["unknown group version v1, kind Pod: a policy is an audit.k8s.io/v1 Policy"]],
  ["an unknown field", `${head}rules: [{ level: None, nope: 1 }]`, ['unknown field "rules[0].nope"']],
  ["no level", `${head}rules: [{ users: [a] }]`, ["rules[0].level: Required value"]],
  ["another level", `${head}rules: [{ level: All }]`, ['rules[0].level: Unsupported value: "All": supported values: "Metadata", "None", "Request", "RequestResponse"']],
  ["another stage", `${head}omitStages: [Never]\nrules: [{ level: None }]`, ['omitStages[0]: Invalid value: "Never": allowed stages are "Panic", "RequestReceived", "ResponseComplete", "ResponseStarted"']],
  ["paths and resources", `${head}rules: [{ level: None, resources: [{ group: "" }], nonResourceURLs: [/a] }]`, ['rules[0].nonResourceURLs: Invalid value: ["/a"]: rules cannot apply to both regular resources and non-resource URLs']],
  ["a star within a path", `${head}rules: [{ level: None, nonResourceURLs: ["/a*b"] }]`, ["rules[0].nonResourceURLs[0]: Invalid value: \"/a*b\": must begin with a '/' and have a wildcard at its end only"]],
  ["names without resources", `${head}rules: [{ level: None, resources: [{ resourceNames: [a] }] }]`, ['rules[0].resources[0].resourceNames: Invalid value: ["a"]: using resourceNames requires at least one resource']],
];
for (const [name, text, problems] of texts) test(`a policy with ${name} is refused`, () => assert.deepEqual(readPolicy(text), { problems }));

test("a policy as the documentation has it", () => {
  const text = `${head}omitStages: ["RequestReceived"]\nrules:\n- level: RequestResponse\n  resources:\n  - group: ""\n    resources: ["pods"]\n- level: None\n  users: ["system:kube-proxy"]\n  verbs: ["watch"]\n- level: Metadata\n  nonResourceURLs: ["/api*", "/version"]\n`;
  const read = readPolicy(text);
  assert("policy" in read);
  assert.equal(read.policy.rules.length, 3);
});
