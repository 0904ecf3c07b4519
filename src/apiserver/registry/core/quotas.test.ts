import assert from "node:assert/strict";
import { test } from "node:test";
import type { ResourceQuota } from "#api/gen/core-v1.ts";
import { cells, changed, made, refusals, statusRefusals, texts } from "../fixture.ts";
import { componentStatuses } from "./component-status.ts";
import { limitRanges } from "./limit-range.ts";
import { resourceQuotas } from "./resource-quota.ts";

// Upstream: pkg/apis/core/validation ValidateResourceQuota
const quotas: readonly { readonly name: string; readonly spec: object; readonly want: readonly string[] }[] = [
  { name: "all sorts of names", spec: { hard: { pods: "1", "requests.cpu": "100m", "count/deployments.apps": "2", "requests.example.com/dongle": "3", "gold.storageclass.storage.k8s.io/requests.storage": "5Gi", "hugepages-2Mi": "2Mi" } }, want: [] },
  { name: "an unknown name", spec: { hard: { disks: "1" } }, want: ['spec.hard[disks]: Invalid value: "disks": must be a standard resource type or fully qualified', 'spec.hard[disks]: Invalid value: "disks": must be a standard resource for quota'] },
  { name: "half a pod, and fewer than none", spec: { hard: { pods: ".5", services: "-1" } }, want: ['spec.hard[pods]: Invalid value: "500m": must be an integer', 'spec.hard[services]: Invalid value: "-1": must be greater than or equal to 0'] },
  { name: "an unknown scope", spec: { scopes: ["Sunny"] }, want: ['spec.scopes: Invalid value: ["Sunny"]: unsupported scope'] },
  { name: "a scope that its resource does not know", spec: { hard: { cpu: "1" }, scopes: ["BestEffort"] }, want: ['spec.scopes: Invalid value: ["BestEffort"]: unsupported scope applied to resource'] },
  { name: "scopes that exclude each other", spec: { scopes: ["BestEffort", "NotBestEffort"] }, want: ['spec.scopes: Invalid value: ["BestEffort","NotBestEffort"]: conflicting scopes'] },
  { name: "a selector over priorities", spec: { hard: { pods: "1" }, scopeSelector: { matchExpressions: [{ scopeName: "PriorityClass", operator: "In", values: ["high"] }] } }, want: [] },
  { name: "a selector without values", spec: { scopeSelector: { matchExpressions: [{ scopeName: "PriorityClass", operator: "In" }] } }, want: ["spec.scopeSelector.matchExpressions.values: Required value: must be at least one value when `operator` is 'In' or 'NotIn' for scope selector"] },
  { name: "a selector with values too many", spec: { scopeSelector: { matchExpressions: [{ scopeName: "PriorityClass", operator: "Exists", values: ["a"] }] } }, want: ["spec.scopeSelector.matchExpressions.values: Invalid value: [\"a\"]: must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector"] },
  { name: "a choice among yes and no", spec: { scopeSelector: { matchExpressions: [{ scopeName: "Terminating", operator: "In", values: ["a"] }] } }, want: [
    `spec.scopeSelector.matchExpressions.operator: Invalid value: "In": must be 'Exist' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity`,
  ] },
  { name: "claims of a class of attributes", spec: { hard: { persistentvolumeclaims: "1" }, scopes: ["VolumeAttributesClass"] }, want: [] },
];
for (const { name, spec, want } of quotas) test(`a quota on ${name}`, () => assert.deepEqual(refusals(resourceQuotas, { spec }), want));

test("a quota keeps its scopes, in whatever order", () => {
  const old = made(resourceQuotas, { spec: { scopes: ["Terminating", "NotBestEffort"] } });
  const become = (scopes: NonNullable<ResourceQuota["spec"]["scopes"]>): readonly string[] => texts(resourceQuotas.validateUpdate?.(changed(resourceQuotas, old, ({ spec }) => { spec.scopes = scopes; }), old));
  assert.deepEqual([become(["NotBestEffort", "Terminating"]), become(["Terminating"])], [[], ['spec.scopes: Invalid value: ["Terminating"]: field is immutable']]);
});

test("what is used is said in amounts", () => {
  const old = made(resourceQuotas);
  assert.deepEqual(statusRefusals(resourceQuotas, { ...old, status: { used: { pods: "-1" } } }, old), ['status.used[pods]: Invalid value: "-1": must be greater than or equal to 0']);
});

test("the line of a quota", () => {
  const status = { hard: { pods: "10", cpu: "2", "limits.cpu": "4" }, used: { pods: "1", cpu: "100m" } };
  assert.deepEqual(cells(resourceQuotas, { spec: {}, status }), ["x", "cpu: 100m/2, pods: 1/10", "limits.cpu: 0/4", "<unknown>"]);
});

const ranges: readonly { readonly name: string; readonly item: object; readonly want: readonly string[] }[] = [
  { name: "that fits together", item: { type: "Container", min: { cpu: "1" }, max: { cpu: "4" }, default: { cpu: "3" }, defaultRequest: { cpu: "2" }, maxLimitRequestRatio: { cpu: "4" } }, want: [] },
  { name: "of another type", item: { type: "House" }, want: ['spec.limits[0].type: Invalid value: "House": must be a standard limit type or fully qualified'] },
  { name: "of another resource", item: { type: "Container", max: { disk: "1" } }, want: ["max", "default", "defaultRequest"].flatMap((list) => [
    `spec.limits[0].${list}[disk]: Invalid value: "disk": must be a standard resource type or fully qualified`, `spec.limits[0].${list}[disk]: Invalid value: "disk": must be a standard resource for containers`,
  ]) },
  { name: "with defaults for pods", item: { type: "Pod", default: { cpu: "1" }, defaultRequest: { cpu: "1" } }, want: ["default", "defaultRequest"].map((list) => `spec.limits[0].${list}: Forbidden: may not be specified when \`type\` is 'Pod'`) },
  { name: "for claims, but not on storage", item: { type: "PersistentVolumeClaim", max: { cpu: "1" } }, want: ["spec.limits[0].limits: Required value: either minimum or maximum storage value is required, but neither was provided"] },
  { name: "upside down", item: { type: "Pod", min: { cpu: "2" }, max: { cpu: "1" } }, want: ['spec.limits[0].min[cpu]: Invalid value: "2": min value 2 is greater than max value 1'] },
  { name: "whose default lies above the most", item: { type: "Container", max: { cpu: "1" }, default: { cpu: "2" }, defaultRequest: { cpu: "1" } }, want: ['spec.limits[0].default[cpu]: Invalid value: "1": default value 2 is greater than max value 1'] },
  { name: "whose request lies above its limit", item: { type: "Container", default: { cpu: "1" }, defaultRequest: { cpu: "2" } }, want: ['spec.limits[0].defaultRequest[cpu]: Invalid value: "2": default request value 2 is greater than default limit value 1'] },
  { name: "with a ratio that cannot be", item: { type: "Pod", min: { cpu: "2" }, max: { cpu: "3" }, maxLimitRequestRatio: { cpu: "2" } }, want: ['spec.limits[0].maxLimitRequestRatio[cpu]: Invalid value: "2": ratio 2 is greater than max/min = 1.500000'] },
  { name: "with a ratio below one", item: { type: "Pod", maxLimitRequestRatio: { cpu: "800m" } }, want: ['spec.limits[0].maxLimitRequestRatio[cpu]: Invalid value: "800m": ratio 800m is less than 1'] },
  { name: "that promises twice what cannot be", item: { type: "Container", default: { "example.com/gpu": "3" }, defaultRequest: { "example.com/gpu": "2" } }, want: ['spec.limits[0].defaultRequest[example.com/gpu]: Invalid value: "2": default value 3 must equal to defaultRequest value 2 in example.com/gpu'] },
];
for (const { name, item, want } of ranges) test(`a range ${name}`, () => assert.deepEqual(refusals(limitRanges, { spec: { limits: [item] } }), want));

test("one range says one thing about one type", () => {
  assert.deepEqual(refusals(limitRanges, { spec: { limits: [{ type: "Pod" }, { type: "Pod" }] } }), ['spec.limits[1].type: Duplicate value: "Pod"']);
});

test("the most and the least stand in for defaults", () => {
  const [item] = made(limitRanges, { spec: { limits: [{ type: "Container", max: { cpu: "2" }, min: { memory: "1Mi" } }] } }).spec.limits;
  assert.deepEqual([item?.default, item?.defaultRequest], [{ cpu: "2" }, { memory: "1Mi", cpu: "2" }]);
});

test("the components are well as long as anybody answers", async () => {
  assert.deepEqual((await componentStatuses.computed?.())?.map((c) => componentStatuses.columns.map((column) => column.cell(c, 0))), [
    ["scheduler", "Healthy", "ok", ""], ["controller-manager", "Healthy", "ok", ""], ["etcd-0", "Healthy", "ok", ""],
  ]);
});
