import assert from "node:assert/strict";
import { test } from "node:test";
import type { ResourceClaim } from "#api/gen/resource-v1.ts";
import type { KubeObject } from "#apimachinery/meta.ts";
import { cells, changeRefusals, objectOf, refusals, texts } from "../fixture.ts";
import type { Resource, StatusLike } from "../resource.ts";
import { deviceClasses } from "./device-class.ts";
import { resourceClaimTemplates } from "./resource-claim-template.ts";
import { resourceClaims } from "./resource-claim.ts";
import { resourceSlices } from "./resource-slice.ts";

type Case = readonly [name: string, spec: object, want: readonly string[]];
function table<T extends KubeObject>(resource: Resource<T>, cases: readonly Case[]): void {
  for (const [name, spec, want] of cases) test(`a ${resource.kind} with ${name}`, () => assert.deepEqual(refusals(resource, { spec }), want));
}
const asking = (...requests: readonly object[]): object => ({ devices: { requests } });
const exactly = (fields: object = {}): object => ({ name: "gpu", exactly: { deviceClassName: "gpu.acme.io", ...fields } });
const at = "spec.devices.requests[0]";
const reference = "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'";

// Upstream: pkg/apis/resource/validation
table(resourceClaims, [
  ["a device", asking(exactly()), []],
  ["nothing asked", asking({ name: "gpu" }), [`${at}: Required value: exactly one of \`exactly\` or \`firstAvailable\` is required`]],
  ["both ways", asking({ ...exactly(), firstAvailable: [{ name: "a", deviceClassName: "b" }] }), [`${at}: Invalid value: null: exactly one of \`exactly\` or \`firstAvailable\` is required, but multiple fields are set`]],
  ["no class", asking(exactly({ deviceClassName: "" })), [`${at}.exactly.deviceClassName: Required value`]],
  ["all of three", asking(exactly({ allocationMode: "All", count: 3 })), [`${at}.exactly.count: Invalid value: 3: must not be specified when allocationMode is 'All'`]],
  ["another mode", asking(exactly({ allocationMode: "Some" })), [`${at}.exactly.allocationMode: Unsupported value: "Some": supported values: "All", "ExactCount"`]],
  ["one name twice", asking(exactly(), exactly()), ['spec.devices.requests[1]: Duplicate value: "gpu"']],
  ["an empty selector", asking(exactly({ selectors: [{}] })), [`${at}.exactly.selectors[0].cel: Required value`]],
  ["selectors over devices", asking(exactly({ selectors: [{ cel: { expression: 'device.driver == "a.io" && device.attributes["a.io"].model == "x" && device.capacity["a.io"].memory.compareTo(quantity("1Gi")) >= 0' } }, { cel: { expression: 'cel.bind(a, device.attributes["a.io"], a.fast && a.version.isGreaterThan(semver("1.0.0")))' } }] })), []],
  ["a selector that may cost too much", asking(exactly({ selectors: [{ cel: { expression: ["a", "b", "c", "d", "e"].reduce((inner, name) => `[1, 2, 3, 4, 5, 6, 7, 8, 9, 10].all(${name}, ${inner})`, "a + b + c + d + e > 0") } }] })), [
    `${at}.exactly.selectors[0].cel.expression: Forbidden: too complex, exceeds cost limit`,
  ]],
  ["selectors that are none", asking(exactly({ selectors: [{ cel: { expression: "device.driver" } }, { cel: { expression: "device.nope" } }] })), [
    `${at}.exactly.selectors[0].cel.expression: Invalid value: "device.driver": must evaluate to bool or the unknown type, not string`,
    `${at}.exactly.selectors[1].cel.expression: Invalid value: "device.nope": compilation failed: ERROR: <input>:1:7: undefined field 'nope'\n | device.nope\n | ......^`,
  ]],
  ["tolerations", asking(exactly({ tolerations: [{ key: "a.io/b", value: "c", effect: "NoExecute" }, { operator: "Exists", effect: "None" }] })), []],
  ["tolerations that are none", asking(exactly({ tolerations: [{ key: "a b", operator: "Exists", value: "c", effect: "Some" }, { operator: "Like" }] })), [
    `${at}.exactly.tolerations[0].key: Invalid value: "a b": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')`,
    `${at}.exactly.tolerations[0].value: Invalid value: "c": must be empty for operator \`Exists\``,
    `${at}.exactly.tolerations[0].effect: Unsupported value: "Some": supported values: "NoExecute", "NoSchedule", "None"`,
    `${at}.exactly.tolerations[1].operator: Unsupported value: "Like": supported values: "Equal", "Exists"`,
  ]],
  ["too many tolerations", asking(exactly({ tolerations: Array.from({ length: 17 }, () => ({ operator: "Exists" })) })), [`${at}.exactly.tolerations: Too many: 17: must have at most 16 items`]],
  ["references", { devices: { requests: [exactly()], constraints: [{ requests: ["gpu", "other"], matchAttribute: "model" }], config: [{ requests: ["a/b/c"], opaque: { driver: "a.io", parameters: {} } }, {}] } }, [
    `spec.devices.constraints[0].requests[1]: Invalid value: "other": ${reference}`, 'spec.devices.constraints[0].matchAttribute: Invalid value: "model": a fully qualified name must be a domain and a name separated by a slash',
    `spec.devices.config[0].requests[0]: Invalid value: "a/b/c": ${reference}`, "spec.devices.config[1].opaque: Required value",
  ]],
]);

test("a claim asks for one device, keeps what it asks for, and shows what it holds", () => {
  assert.deepEqual(objectOf(resourceClaims, { spec: asking(exactly()) }).spec.devices?.requests?.[0]?.exactly, { deviceClassName: "gpu.acme.io", allocationMode: "ExactCount", count: 1 });
  assert.match(changeRefusals(resourceClaims, { spec: asking(exactly()) }, { spec: asking(exactly({ count: 2 })) }).join(), /^spec: Invalid value: .*: field is immutable$/);
  const shown = (metadata: object, status: object): unknown => cells(resourceClaims, { metadata, status })[1];
  assert.deepEqual([shown({}, {}), shown({}, { allocation: {} }), shown({ deletionTimestamp: "2026-01-01T00:00:00Z" }, { allocation: {}, reservedFor: [{ resource: "pods", name: "a", uid: "1" }] })], ["pending", "allocated", "deleted,allocated,reserved"]);
});

const result = { request: "gpu", driver: "a.io", pool: "node", device: "gpu-0" };
const allocation = { devices: { results: [result] } };
const pod = { resource: "pods", name: "a", uid: "1" };
function written(old: object, next: object): readonly string[] {
  const write = resourceClaims.subresources?.["status"] as StatusLike<ResourceClaim>;
  const of = (status: object): ResourceClaim => objectOf(resourceClaims, { spec: asking(exactly()), status });
  return texts(write.validateUpdate?.(of(next), of(old)));
}

test("the status of a claim names its own devices and who uses them", () => {
  assert.deepEqual(written({}, { allocation, reservedFor: [pod] }), []);
  assert.deepEqual(written({}, { reservedFor: [pod, pod, { ...pod, uid: "" }] }), [
    "status.reservedFor[2].uid: Required value", 'status.reservedFor[1]: Duplicate value: "1"', "status.reservedFor: Forbidden: may not be specified when `allocated` is not set",
  ]);
  assert.match(written({ allocation }, { allocation: { devices: { results: [] } } }).join(), /^status.allocation: Invalid value: .*: field is immutable$/);
  assert.deepEqual(written({}, { allocation: { devices: { results: [{ ...result, request: "cpu", pool: "" }] } } }), [`status.allocation.devices.results[0].request: Invalid value: "cpu": ${reference}`, "status.allocation.devices.results[0].pool: Required value"]);
  assert.deepEqual(written({ allocation }, { allocation, devices: [{ driver: "a.io", pool: "node", device: "gpu-1", networkData: { ips: ["1.2.3.4"] } }] }), [
    'status.devices[0]: Invalid value: "a.io/node/gpu-1": must be an allocated device in the claim', 'status.devices[0].networkData.ips[0]: Invalid value: "1.2.3.4": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
  ]);
});

table(resourceClaimTemplates, [
  ["a claim", { spec: asking(exactly()) }, []],
  ["an empty request", { spec: asking({ name: "a" }) }, ["spec.spec.devices.requests[0]: Required value: exactly one of `exactly` or `firstAvailable` is required"]],
]);
table(deviceClasses, [
  ["a selector", { selectors: [{ cel: { expression: "true" } }] }, []],
  ["a name for an extended resource", { extendedResourceName: "acme.io/gpu" }, []],
  ["another name", { extendedResourceName: "cpu" }, ['spec.extendedResourceName: Invalid value: "cpu": must be a valid extended resource name']],
  ["an empty config", { config: [{}] }, ["spec.config[0].opaque: Required value"]],
]);

const slice = { driver: "a.io", pool: { name: "node", generation: 1, resourceSliceCount: 1 }, nodeName: "node" };
const device = (fields: object): object => ({ ...slice, devices: [{ name: "gpu-0", ...fields }] });
const one = "exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required";
table(resourceSlices, [
  ["a device", device({ attributes: { model: { string: "x" }, "a.io/version": { version: "1.2.3-rc.1" } }, capacity: { memory: { value: "1Gi" } } }), []],
  ["no place", { ...slice, nodeName: undefined }, [`spec: Required value: ${one}`]],
  ["two places", { ...slice, allNodes: true }, [`spec: Invalid value: "{\`nodeName\`, \`allNodes\`}": ${one}, but multiple fields are set`]],
  ["an empty pool", { ...slice, pool: { name: "", generation: -1, resourceSliceCount: 0 } }, [
    "spec.pool.name: Required value", "spec.pool.resourceSliceCount: Invalid value: 0: must be greater than zero", "spec.pool.generation: Invalid value: -1: must be greater than or equal to zero",
  ]],
  ["taints and counters", { ...slice, devices: [{ name: "a", taints: [{ key: "k", effect: "NoSchedule" }], consumesCounters: [{ counterSet: "s", counters: { c: { value: "1" } } }], bindingConditions: ["a"], bindingFailureConditions: ["b"] }] }, []],
  ["taints and counters that are none", { ...slice, devices: [{ name: "a", taints: [{ key: "k", effect: "" }], consumesCounters: [{ counterSet: "", counters: {} }], bindingConditions: ["a"], bindingFailureConditions: ["a"] }] }, [
    "spec.devices[0].taints[0].effect: Required value", "spec.devices[0].consumesCounters[0].counterSet: Required value", "spec.devices[0].consumesCounters[0].counters: Required value",
    'spec.devices[0].bindingFailureConditions[0]: Invalid value: "a": bindingFailureConditions must not overlap with bindingConditions',
  ]],
  ["more devices than may have taints", { ...slice, devices: Array.from({ length: 65 }, (_, i) => ({ name: `d${i}`, ...(i === 0 && { taints: [{ key: "k", effect: "None" }] }) })) }, ["spec.devices: Too many: 65: must have at most 64 items"]],
  ["shared counters", { ...slice, sharedCounters: [{ name: "s", counters: { c: { value: "1" } } }, { name: "s" }] }, ["spec.sharedCounters[1].counters: Required value", 'spec.sharedCounters[1]: Duplicate value: "s"']],
  ["devices each of which says where it is", { ...slice, nodeName: undefined, perDeviceNodeSelection: true, devices: [{ name: "a", nodeName: "n" }, { name: "b" }] }, [
    "spec.devices[1]: Required value: exactly one of `nodeName`, `nodeSelector`, or `allNodes` is required when `perDeviceNodeSelection` is set to true in the ResourceSlice spec",
  ]],
  ["a device that says where it is and need not", device({ nodeName: "n" }), ["spec.devices[0]: Invalid value: null: `nodeName`, `nodeSelector` and `allNodes` can only be set if `perDeviceNodeSelection` is set to true in the ResourceSlice spec"]],
  ["a policy for what is not shared", device({ capacity: { memory: { value: "1Gi", requestPolicy: { default: "1Mi", validValues: ["1Mi"] } } } }), ["spec.devices[0].capacity[memory].requestPolicy: Forbidden: allowMultipleAllocations must be true"]],
  ["values to choose from", device({ allowMultipleAllocations: true, capacity: { memory: { value: "4Gi", requestPolicy: { default: "3Gi", validValues: ["2Gi", "1Gi", "8Gi"] } } } }), [
    'spec.devices[0].capacity[memory].requestPolicy.validValues[1]: Invalid value: "1Gi": values must be sorted in ascending order',
    'spec.devices[0].capacity[memory].requestPolicy.validValues[2]: Invalid value: "8Gi": option is larger than capacity value: 4Gi',
    'spec.devices[0].capacity[memory].requestPolicy.validValues: Invalid value: "3Gi": default value is not valid according to the requestPolicy',
  ]],
  ["a range", device({ allowMultipleAllocations: true, capacity: { memory: { value: "4Gi", requestPolicy: { default: "2Gi", validRange: { min: "1Gi", max: "4Gi", step: "1Gi" } } } } }), []],
  ["a range that is none", device({ allowMultipleAllocations: true, capacity: { memory: { value: "10", requestPolicy: { default: "5", validRange: { min: "2", max: "20", step: "2" } } } } }), [
    'spec.devices[0].capacity[memory].requestPolicy.validRange.max: Invalid value: "20": max is larger than capacity value: 10',
    'spec.devices[0].capacity[memory].requestPolicy.validRange.step: Invalid value: "5": value is not a multiple of a given step (2) from (2)',
  ]],
  ["a device twice", { ...slice, devices: [{ name: "a" }, { name: "a" }] }, ['spec.devices[1]: Duplicate value: "a"']],
  ["strange attributes", device({ attributes: { a: {}, b: { int: 1, bool: true }, c: { version: "1" } } }), [
    "spec.devices[0].attributes[a]: Invalid value: \"\": exactly one value must be specified", 'spec.devices[0].attributes[b]: Invalid value: {"int":1,"bool":true}: exactly one value must be specified',
    'spec.devices[0].attributes[c].version: Invalid value: "1": must be a string compatible with semver.org spec 2.0.0',
  ]],
]);
test("what is behind gates that are off is not kept", () => {
  const made = objectOf(resourceSlices, { spec: device({ attributes: { a: { ints: [1, 2] }, b: { string: "x", versions: ["1.0.0"] } }, nodeAllocatableResourceMappings: { cpu: {} } }) });
  resourceSlices.prepareCreate?.(made);
  assert.deepEqual(made.spec.devices, [{ name: "gpu-0", attributes: { a: {}, b: { string: "x" } } }]);
});
test("a slice keeps its pool, driver and node, and is found by them", () => {
  assert.deepEqual(changeRefusals(resourceSlices, { spec: slice }, { spec: { ...slice, nodeName: "other" } }), ['spec.nodeName: Invalid value: "other": field is immutable']);
  assert.deepEqual(cells(resourceSlices, { spec: slice }), ["x", "node", "a.io", "node", "<unknown>"]);
  assert.equal(resourceSlices.selectableFields?.["spec.driver"]?.(objectOf(resourceSlices, { spec: slice })), "a.io");
});
