import assert from "node:assert/strict";
import { test } from "node:test";
import { cells, objectOf, refusals } from "../fixture.ts";
import { kinds } from "../kinds.ts";
import { reviews } from "../reviews/reviews.ts";
import { apiServices } from "./api-service.ts";
import { localApiServices } from "./local-services.ts";

const spec = { group: "a.io", version: "v1", groupPriorityMinimum: 1000, versionPriority: 100 };
const remote = { ...spec, service: { name: "a", namespace: "b" } };
const named = (content: object, name = "v1.a.io"): object => ({ metadata: { name }, spec: content });

// Upstream: kube-aggregator/pkg/apis/apiregistration/validation
const cases: readonly (readonly [name: string, content: object, want: readonly string[]])[] = [
  ["a service", named(remote), []],
  ["itself", named(spec), []],
  ["another name", named(spec, "a"), ['metadata.name: Invalid value: "a": must be `spec.version+"."+spec.group`: "v1.a.io"']],
  ["no group", named({ ...spec, group: "", version: "v2" }, "v2."), ["spec.group: Required value: only v1 may have an empty group and it better be legacy kube"]],
  ["priorities out of bounds", named({ ...spec, groupPriorityMinimum: 20_001, versionPriority: 0 }), [
    "spec.groupPriorityMinimum: Invalid value: 20001: must be positive and less than 20000", "spec.versionPriority: Invalid value: 0: must be positive and less than 1000",
  ]],
  ["a CA for itself", named({ ...spec, caBundle: "YQ==", insecureSkipTLSVerify: true }), [
    'spec.caBundle: Invalid value: "1 bytes": local APIServices may not have a caBundle', "spec.insecureSkipTLSVerify: Invalid value: true: local APIServices may not have insecureSkipTLSVerify",
  ]],
  ["a CA that is not looked at", named({ ...remote, caBundle: "YQ==", insecureSkipTLSVerify: true }), ["spec.insecureSkipTLSVerify: Invalid value: true: may not be true if caBundle is present"]],
  ["a service of nowhere", named({ ...spec, service: { port: 70_000 } }), [
    "spec.service.namespace: Required value", "spec.service.name: Required value", "spec.service.port: Invalid value: 70000: port is not valid: must be between 1 and 65535, inclusive",
  ]],
];
for (const [name, content, want] of cases) test(`an APIService with ${name}`, () => assert.deepEqual(refusals(apiServices, content), want));

test("what the server serves itself is available at once, others when somebody says so", () => {
  const made = objectOf(apiServices, { metadata: { name: "v1.a.io", creationTimestamp: "2026-01-01T00:00:00Z" }, spec });
  apiServices.prepareCreate?.(made);
  assert.deepEqual(made.status.conditions, [{ type: "Available", status: "True", lastTransitionTime: "2026-01-01T00:00:00Z", reason: "Local", message: "Local APIServices are always available" }]);
  assert.deepEqual(cells(apiServices, { ...made }, Date.parse("2026-01-01T00:00:05Z")), ["v1.a.io", "Local", "True", "5s"]);
  assert.deepEqual(cells(apiServices, { spec: remote, status: { conditions: [{ type: "Available", status: "False", reason: "MissingEndpoints" }] } }), ["x", "b/a", "False (MissingEndpoints)", "<unknown>"]);
});

test("every group that is served has its APIService, but the one that holds them", () => {
  const served = [...kinds, ...reviews];
  const local = localApiServices(served);
  const missing = new Set(served.map(({ group, version }) => `${version}.${group}`)).difference(new Set(local.map(({ metadata }) => metadata.name)));
  assert.deepEqual([...missing], ["v1.apiregistration.k8s.io"]);
  for (const service of local) assert.deepEqual(refusals(apiServices, structuredClone(service)), [], service.metadata.name);
});
