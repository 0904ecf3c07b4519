import assert from "node:assert/strict";
import { test } from "node:test";
import type { Pod } from "#api/gen/core-v1.ts";
import { objectOf, refusals, texts } from "../fixture.ts";
import { keepOnlyResources, validateResize } from "./pod-resize.ts";
import { pods } from "./pod.ts";

const both = (cpu: string, memory = "64Mi"): object => ({ requests: { cpu, memory }, limits: { cpu, memory } });
const podOf = (spec: object, more: object = {}): Pod => objectOf(pods, { spec: { containers: [{ name: "a", image: "a:1", resources: both("100m") }], ...spec }, ...more });
const init = (resources: object, more: object = {}): object => ({ name: "i", image: "i:1", resources, ...more });

function problems(next: Pod, old: Pod): readonly string[] {
  const after = structuredClone(next);
  keepOnlyResources(after, old);
  return texts(validateResize(after, old));
}

// Upstream: pkg/apis/core/validation TestValidatePodResize
const cases: readonly { readonly name: string; readonly old?: object; readonly next: object; readonly want: readonly string[] }[] = [
  { name: "a container's CPU may change", next: { containers: [{ name: "a", image: "a:1", resources: both("200m") }] }, want: [] },
  { name: "its image does not", next: { containers: [{ name: "a", image: "a:2", resources: both("200m") }] }, want: [] },
  { name: "its limits may not go", old: { initContainers: [init({ requests: { cpu: "1", memory: "1Gi" }, limits: { cpu: "1", memory: "1Gi" } })], resources: both("2", "2Gi") }, next: { initContainers: [init({ requests: { cpu: "1", memory: "1Gi" } })], resources: both("2", "2Gi") }, want: ["spec.initContainers[0].resources.limits: Forbidden: resource limits cannot be removed"] },
  { name: "nor the class of the pod", next: { containers: [{ name: "a", resources: { ...both("100m"), requests: { cpu: "50m", memory: "64Mi" } } }] }, want: ['metadata: Invalid value: "Burstable": Pod QOS Class may not change as a result of resizing'] },
  { name: "nor another resource", next: { containers: [{ name: "a", resources: { requests: { cpu: "1", memory: "64Mi", "ephemeral-storage": "1Gi" }, limits: { cpu: "1", memory: "64Mi" } } }] }, want: ["spec: Forbidden: only cpu and memory resources are mutable"] },
  { name: "nor the resize policy", next: { containers: [{ name: "a", resources: both("100m"), resizePolicy: [{ resourceName: "cpu", restartPolicy: "RestartContainer" }] }] }, want: ["spec: Forbidden: only cpu and memory resources are mutable"] },
  { name: "no container comes", next: { containers: [{ name: "a", resources: both("100m") }, { name: "b", image: "b:1", resources: both("100m") }] }, want: ["spec.containers: Forbidden: containers may not be added or removed on resize"] },
  { name: "none is renamed", next: { containers: [{ name: "z", image: "z:1", resources: both("100m") }] }, want: ["spec.containers[0].name: Forbidden: containers may not be renamed or reordered on resize"] },
  { name: "an init container may be resized", old: { initContainers: [init(both("100m"))] }, next: { initContainers: [init(both("200m"))] }, want: [] },
  { name: "but not one that would have to run again", old: { initContainers: [init(both("100m"), { resizePolicy: [{ resourceName: "cpu", restartPolicy: "RestartContainer" }] })] }, next: { initContainers: [init(both("200m"), { resizePolicy: [{ resourceName: "cpu", restartPolicy: "RestartContainer" }] })] }, want: [
    "spec.initContainers[0].resizePolicy[0].restartPolicy: Invalid value: \"RestartContainer\": must not be set to 'RestartContainer' for non-sidecar initContainers",
    "spec.initContainers[0]: Forbidden: non-sidecar init containers with a resize policy of RestartContainer cannot be resized",
  ] },
  { name: "the pod's own CPU may change", old: { resources: both("1") }, next: { resources: both("2") }, want: [] },
  { name: "the pod's own resources may come", next: { resources: both("1") }, want: [] },
  { name: "they may not go", old: { resources: both("1") }, next: {}, want: ["spec.resources: Forbidden: pod-level resources cannot be removed"] },
  { name: "nor one of them", old: { resources: { ...both("1") } }, next: { resources: { requests: { cpu: "1" }, limits: { cpu: "1" } } }, want: [
    'metadata: Invalid value: "Burstable": Pod QOS Class may not change as a result of resizing',
    "spec.resources.limits: Forbidden: pod-level resource limits cannot be removed",
  ] },
  { name: "they cover what the containers have", old: { resources: both("1") }, next: { resources: both("50m") }, want: [
    'spec.resources.requests[cpu]: Invalid value: "50m": must be greater than or equal to aggregate container requests of 100m',
    'spec.resources.containers[0][cpu].limits: Invalid value: "100m": must be less than or equal to pod limits of 50m',
  ] },
];
for (const { name, old = {}, next, want } of cases) test(name, () => assert.deepEqual(problems(podOf(next), podOf(old, { status: { qosClass: "Guaranteed" } })), want));

test("neither a static pod nor one of a node that cannot is resized", () => {
  const mirror = podOf({}, { metadata: { annotations: { "kubernetes.io/config.mirror": "x" } } });
  const plain = podOf({}, { status: { containerStatuses: [{ name: "a", image: "a:1", imageID: "", ready: true, restartCount: 0, state: { running: {} } }] } });
  assert.deepEqual([problems(mirror, mirror), problems(plain, plain)], [[": Forbidden: static pods cannot be resized"], ["spec: Forbidden: Pod running on node without support for resize"]]);
});

test("what a pod does not ask for itself is what its containers ask for, else its limit", () => {
  const requests = (containers: object): object | undefined => podOf({ resources: { limits: { cpu: "1", memory: "1Gi" } }, containers: [{ name: "a", image: "a:1", resources: containers }] }).spec.resources?.requests;
  assert.deepEqual([requests({ requests: { cpu: "200m" } }), requests({})], [{ cpu: "200m", memory: "1Gi" }, { cpu: "1", memory: "1Gi" }]);
});

test("a pod's own resources cover its containers'", () => {
  assert.deepEqual(refusals(pods, { spec: { resources: { requests: { cpu: "1" } }, containers: [{ name: "a", image: "a:1", resources: { requests: { cpu: "2" } } }] } }), ['spec.resources.requests[cpu]: Invalid value: "1": must be greater than or equal to aggregate container requests of 2']);
});
