import assert from "node:assert/strict";
import { test } from "node:test";
import type { KubeObject } from "#apimachinery/meta.ts";
import { printResources } from "../resource-list.ts";
import { evaluatorOf } from "./evaluators.ts";
import type { ScopedResourceSelectorRequirement } from "../gen/core-v1.ts";

const now = Date.parse("2026-01-01T00:01:00Z");
const pod = (spec: object = {}, rest: object = {}): KubeObject => ({ metadata: { name: "p" }, spec: { containers: [{ name: "a" }], ...spec }, status: {}, ...rest }) as unknown as KubeObject;
const asks = (requests: object, limits: object = {}): object => ({ containers: [{ name: "a", resources: { requests, limits } }] });
const used = (resource: string, object: KubeObject, group = ""): Record<string, string> => printResources(evaluatorOf({ group, resource }).usage(object, now));

// Upstream: pkg/quota/v1/evaluator/core/pods_test.go TestPodEvaluatorUsage
const pods: readonly { readonly name: string; readonly pod: KubeObject; readonly want: Readonly<Record<string, string>> }[] = [
  { name: "that asks for nothing", pod: pod(), want: { "count/pods": "1", pods: "1" } },
  { name: "with CPU", pod: pod(asks({ cpu: "1m" }, { cpu: "2m" })), want: { "count/pods": "1", pods: "1", cpu: "1m", "requests.cpu": "1m", "limits.cpu": "2m" } },
  { name: "with others' resources", pod: pod(asks({ "example.com/dongle": "3", "hugepages-2Mi": "2Mi" })), want: { "count/pods": "1", pods: "1", "requests.example.com/dongle": "3", "hugepages-2Mi": "2Mi", "requests.hugepages-2Mi": "2Mi" } },
  { name: "whose initialisation is its largest moment", pod: pod({ ...asks({ memory: "1Mi" }), initContainers: [{ name: "i", resources: { requests: { memory: "5Mi" } } }] }), want: { "count/pods": "1", pods: "1", memory: "5Mi", "requests.memory": "5Mi" } },
  { name: "that has ended", pod: pod(asks({ cpu: "1" }), { status: { phase: "Failed" } }), want: { "count/pods": "1" } },
  { name: "that should be gone", pod: pod({}, { metadata: { name: "p", deletionTimestamp: "2026-01-01T00:00:00Z", deletionGracePeriodSeconds: 30 } }), want: { "count/pods": "1" } },
  { name: "that is going", pod: pod({}, { metadata: { name: "p", deletionTimestamp: "2026-01-01T00:00:50Z", deletionGracePeriodSeconds: 30 } }), want: { "count/pods": "1", pods: "1" } },
];
for (const { name, pod: object, want } of pods) test(`a pod ${name}`, () => assert.deepEqual(used("pods", object), want));

test("who counts CPU demands that every container states it, or the pod as a whole", () => {
  const evaluator = evaluatorOf({ group: "", resource: "pods" });
  const names = ["limits.cpu", "requests.memory", "requests.ephemeral-storage"];
  assert.equal(evaluator.unsaid?.(names, pod({ containers: [{ name: "b" }, { name: "a", resources: { requests: { memory: "1" } } }] })), "must specify limits.cpu for: a,b; requests.memory for: b");
  assert.equal(evaluator.unsaid?.(names, pod({ resources: { requests: { cpu: "1" } } })), undefined);
});

const scopes: readonly (readonly [scope: ScopedResourceSelectorRequirement["scopeName"], object: KubeObject, within: boolean, requirement?: Partial<ScopedResourceSelectorRequirement>])[] = [
  ["Terminating", pod({ activeDeadlineSeconds: 0 }), true], ["NotTerminating", pod(), true], ["BestEffort", pod(), true], ["NotBestEffort", pod(asks({ cpu: "1" })), true], ["BestEffort", pod(asks({ cpu: "1" })), false],
  ["PriorityClass", pod({ priorityClassName: "high" }), true], ["PriorityClass", pod(), false], ["PriorityClass", pod({ priorityClassName: "high" }), true, { operator: "In", values: ["high"] }],
  ["PriorityClass", pod(), true, { operator: "NotIn", values: ["high"] }], ["PriorityClass", pod({ priorityClassName: "high" }), false, { operator: "DoesNotExist" }],
  ["CrossNamespacePodAffinity", pod({ affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: "k", namespaceSelector: {} }] } } }), true],
  ["CrossNamespacePodAffinity", pod({ affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: "k" }] } } }), false],
];
for (const [scopeName, object, within, requirement] of scopes) {
  test(`a pod ${within ? "in" : "out of"} ${scopeName} ${requirement?.operator ?? ""}`, () => assert.equal(evaluatorOf({ group: "", resource: "pods" }).inScope({ scopeName, operator: "Exists", ...requirement }, object), within));
}

test("devices are counted by their class, at the most that a claim may take", () => {
  const claim = (...requests: readonly object[]): KubeObject => ({ metadata: { name: "c" }, spec: { devices: { requests } } }) as unknown as KubeObject;
  const of = (...requests: readonly object[]): Record<string, string> => used("resourceclaims", claim(...requests), "resource.k8s.io");
  const gpu = { deviceClassName: "gpu", allocationMode: "ExactCount", count: 2 };
  const own = { "count/resourceclaims.resource.k8s.io": "1" };
  assert.deepEqual(of(), own);
  assert.deepEqual(of({ exactly: gpu }, { exactly: gpu }), { ...own, "gpu.deviceclass.resource.k8s.io/devices": "4" });
  assert.deepEqual(of({ exactly: { deviceClassName: "gpu", allocationMode: "All" } }), { ...own, "gpu.deviceclass.resource.k8s.io/devices": "32" });
  assert.deepEqual(of({ firstAvailable: [gpu, { ...gpu, count: 3 }, { ...gpu, deviceClassName: "tpu" }] }), { ...own, "gpu.deviceclass.resource.k8s.io/devices": "3", "tpu.deviceclass.resource.k8s.io/devices": "2" });
  assert.equal(evaluatorOf({ group: "resource.k8s.io", resource: "resourceclaims" }).counts("gpu.deviceclass.resource.k8s.io/devices"), true);
});

test("node ports are counted, where they are given", () => {
  const service = (spec: object): KubeObject => ({ metadata: { name: "s" }, spec: { ports: [{ port: 1 }, { port: 2, nodePort: 30000 }], ...spec } }) as unknown as KubeObject;
  const counts = (spec: object): readonly (string | undefined)[] => ["services", "services.nodeports", "services.loadbalancers"].map((name) => used("services", service(spec))[name]);
  assert.deepEqual(counts({ type: "ClusterIP" }), ["1", "0", "0"]);
  assert.deepEqual(counts({ type: "NodePort" }), ["1", "2", "0"]);
  assert.deepEqual(counts({ type: "LoadBalancer", allocateLoadBalancerNodePorts: false }), ["1", "1", "1"]);
});

test("storage is counted in whole bytes, in all and by class", () => {
  const claim = { metadata: { name: "c" }, spec: { storageClassName: "gold", resources: { requests: { storage: "1500m" } } }, status: {} } as unknown as KubeObject;
  assert.deepEqual(used("persistentvolumeclaims", claim), {
    "count/persistentvolumeclaims": "1", persistentvolumeclaims: "1", "requests.storage": "2", "gold.storageclass.storage.k8s.io/persistentvolumeclaims": "1", "gold.storageclass.storage.k8s.io/requests.storage": "2",
  });
});

test("everything else is counted by the piece, some by an older name too", () => {
  assert.deepEqual(used("secrets", pod()), { "count/secrets": "1", secrets: "1" });
  assert.deepEqual(used("widgets", pod(), "example.com"), { "count/widgets.example.com": "1" });
});
