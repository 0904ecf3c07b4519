import assert from "node:assert/strict";
import { test } from "node:test";
import type { Pod } from "#api/gen/core-v1.ts";
import { outcome, requestFor } from "./fixture.ts";
import { limitRanger } from "./limit-ranger.ts";

const podOf = (...containers: readonly object[]): Pod => ({ metadata: { name: "web", namespace: "default" }, spec: { containers }, status: {} }) as unknown as Pod;
const asks = (requests: object, limits: object = {}, name = "a"): object => ({ name, resources: { requests, limits } });
const within = (...limits: readonly object[]): { readonly limitranges: readonly object[] } => ({ limitranges: [{ metadata: { name: "range", namespace: "default" }, spec: { limits } }] });

test("what a container leaves out is given to it, and noted", async () => {
  const pod = podOf({ name: "a" }, asks({ cpu: "1" }, {}, "b"));
  pod.spec.initContainers = [{ name: "i" }];
  assert.equal(await outcome(limitRanger, requestFor("pods", within({ type: "Container", default: { cpu: "2", memory: "9Mi" }, defaultRequest: { cpu: "500m" } })), pod), undefined);
  assert.deepEqual(pod.spec.containers.map(({ resources }) => resources), [
    { limits: { cpu: "2", memory: "9Mi" }, requests: { cpu: "500m" } }, { limits: { cpu: "2", memory: "9Mi" }, requests: { cpu: "1" } },
  ]);
  assert.deepEqual(pod.metadata.annotations, {
    "kubernetes.io/limit-ranger": "LimitRanger plugin set: cpu request for container a; cpu, memory limit for container a; cpu, memory limit for container b; cpu request for init container i; cpu, memory limit for init container i",
  });
});

// Upstream: plugin/pkg/admission/limitranger/admission_test.go TestPodLimitFunc
const cases: readonly { readonly name: string; readonly item: object; readonly pod: Pod; readonly want: string | undefined }[] = [
  { name: "inside", item: { type: "Container", min: { cpu: "1" }, max: { cpu: "2" } }, pod: podOf(asks({ cpu: "1" }, { cpu: "2" })), want: undefined },
  { name: "below the least", item: { type: "Container", min: { cpu: "50m" } }, pod: podOf(asks({ cpu: "40m" })), want: "minimum cpu usage per Container is 50m, but request is 40m" },
  { name: "silent about the least", item: { type: "Container", min: { cpu: "50m" } }, pod: podOf({ name: "a" }), want: "minimum cpu usage per Container is 50m.  No request is specified" },
  { name: "above the most", item: { type: "Container", max: { memory: "1Gi" } }, pod: podOf(asks({ memory: "1Mi" }, { memory: "2Gi" })), want: "maximum memory usage per Container is 1Gi, but limit is 2Gi" },
  { name: "silent about the most", item: { type: "Pod", max: { cpu: "1" } }, pod: podOf(asks({ cpu: "1m" })), want: "maximum cpu usage per Pod is 1.  No limit is specified" },
  { name: "above the most all together", item: { type: "Pod", max: { cpu: "3" } }, pod: podOf(asks({ cpu: "1" }, { cpu: "2" }), asks({ cpu: "1" }, { cpu: "2" }, "b")), want: "maximum cpu usage per Pod is 3, but limit is 4" },
  { name: "promised too often", item: { type: "Container", maxLimitRequestRatio: { cpu: "1.5" } }, pod: podOf(asks({ cpu: "500m" }, { cpu: "1" })), want: "cpu max limit to request ratio per Container is 1500m, but provided ratio is 2.000000" },
  { name: "wrong in two ways", item: { type: "Container", min: { cpu: "2" }, max: { memory: "1" } }, pod: podOf(asks({ cpu: "1" })), want: "[minimum cpu usage per Container is 2, but request is 1, maximum memory usage per Container is 1.  No limit is specified]" },
];
for (const { name, item, pod, want } of cases) {
  test(`a pod ${name}`, async () => assert.equal(await outcome(limitRanger, requestFor("pods", within(item)), pod), want && `pods "web" is forbidden: ${want}`));
}

test("a claim asks for neither too much nor too little", async () => {
  const claim = (storage: string): object => ({ metadata: { name: "web", namespace: "default" }, spec: { resources: { requests: { storage } } } });
  const ask = (storage: string): Promise<string | undefined> => outcome(limitRanger, requestFor("persistentvolumeclaims", within({ type: "PersistentVolumeClaim", min: { storage: "1Gi" }, max: { storage: "2Gi" } })), claim(storage));
  assert.deepEqual([await ask("1Gi"), await ask("500Mi"), await ask("3Gi")], [
    undefined, 'persistentvolumeclaims "web" is forbidden: minimum storage usage per PersistentVolumeClaim is 1Gi, but request is 500Mi',
    'persistentvolumeclaims "web" is forbidden: maximum storage usage per PersistentVolumeClaim is 2Gi, but request is 3Gi',
  ]);
});

test("a pod that is there already is left in peace", async () => {
  const request = requestFor("pods", within({ type: "Container", min: { cpu: "50m" } }), { operation: "UPDATE" });
  assert.equal(await outcome(limitRanger, request, podOf({ name: "a" })), undefined);
});
