import assert from "node:assert/strict";
import { test } from "node:test";
import type { Container, Pod, PodCondition, PodSpec } from "./gen/core-v1.ts";
import { referencesOf } from "./pod-references.ts";
import { findPort, isPodAvailable, podLimits, podRequests, qosClass, setCondition, visitContainers } from "./pod.ts";
import { printResources } from "./resource-list.ts";

const c = (requests: Record<string, string>, limits: Record<string, string> = {}, more: Partial<Container> = {}): Container => ({ name: "c", resources: { requests, limits }, ...more });
const podOf = (spec: Partial<PodSpec>): Pod => ({ metadata: { name: "p", namespace: "n" }, spec: { containers: [], ...spec }, status: {} });
const sidecar = { restartPolicy: "Always" };

const requests: readonly { readonly name: string; readonly spec: Partial<PodSpec>; readonly want: Record<string, string> }[] = [
  { name: "containers add up", spec: { containers: [c({ cpu: "100m" }), c({ cpu: "200m", memory: "1Gi" })] }, want: { cpu: "300m", memory: "1Gi" } },
  { name: "a greedy init container counts instead", spec: { containers: [c({ cpu: "1" })], initContainers: [c({ cpu: "2" }), c({ cpu: "500m" })] }, want: { cpu: "2" } },
  { name: "a sidecar counts beside the containers", spec: { containers: [c({ cpu: "1" })], initContainers: [c({ cpu: "1" }, {}, sidecar)] }, want: { cpu: "2" } },
  { name: "an init container runs beside the sidecars before it only", spec: { containers: [c({ cpu: "1" })], initContainers: [c({ cpu: "3" }), c({ cpu: "1" }, {}, sidecar), c({ cpu: "2500m" })] }, want: { cpu: "3500m" } },
  { name: "the pod's own requests win, the overhead comes on top", spec: { containers: [c({ cpu: "1", "example.com/x": "1" })], resources: { requests: { cpu: "5" } }, overhead: { cpu: "250m" } }, want: { cpu: "5250m", "example.com/x": "1" } },
];
for (const { name, spec, want } of requests) test(name, () => assert.deepEqual(printResources(podRequests(podOf(spec))), want));

test("the overhead counts only where there is a limit", () => {
  assert.deepEqual(printResources(podLimits(podOf({ containers: [c({}, { cpu: "1" })], overhead: { cpu: "250m", memory: "1Gi" } }))), { cpu: "1250m" });
});

const both = { cpu: "1", memory: "1Gi" };
const classes: readonly [name: string, spec: Partial<PodSpec>, want: string][] = [
  ["nothing asked", { containers: [c({})] }, "BestEffort"], ["limits as requests", { containers: [c(both, both)] }, "Guaranteed"], ["the same in other words", { containers: [c({ cpu: "1000m", memory: "1024Mi" }, both)] }, "Guaranteed"],
  ["one container without limits", { containers: [c(both, both), c({})] }, "Burstable"], ["an init container without limits", { containers: [c(both, both)], initContainers: [c({})] }, "Burstable"],
  ["no memory limit", { containers: [c({ cpu: "1" }, { cpu: "1" })] }, "Burstable"], ["only other resources", { containers: [c({ "example.com/x": "1" })] }, "BestEffort"], ["the pod's own resources", { containers: [c({})], resources: { requests: both, limits: both } }, "Guaranteed"],
];
for (const [name, spec, want] of classes) test(`${name}: ${want}`, () => assert.equal(qosClass(podOf(spec)), want));

test("the visitor comes to every kind of container", () => {
  const spec = podOf({ initContainers: [c({})], containers: [c({})], ephemeralContainers: [{ name: "e" }] }).spec;
  assert.deepEqual(visitContainers(spec).map((v) => [v.kind, v.path]), [["init", "spec.initContainers[0]"], ["app", "spec.containers[0]"], ["ephemeral", "spec.ephemeralContainers[0]"]]);
});

test("references are found in every kind of container and volume", () => {
  const env = (name: string): Partial<Container> => ({ envFrom: [{ configMapRef: { name: `${name}-from` } }], env: [{ name: "X", valueFrom: { secretKeyRef: { name: `${name}-key`, key: "k" } } }] });
  const pod = podOf({ initContainers: [c({}, {}, env("init"))], containers: [c({}, {}, env("app"))], ephemeralContainers: [{ name: "e", ...env("eph") }], imagePullSecrets: [{ name: "pull" }],
    volumes: [{ name: "v", persistentVolumeClaim: { claimName: "claim" } }, { name: "e", ephemeral: {} }, { name: "p", projected: { sources: [{ secret: { name: "projected" } }] } }] });
  const { configMaps, secrets, claims } = referencesOf(pod);
  assert.deepEqual([[...configMaps], [...secrets], [...claims]], [["init-from", "app-from", "eph-from"], ["init-key", "app-key", "eph-key", "pull", "projected"], ["claim", "p-e"]]);
});

test("a condition's time moves with its status only", () => {
  const first = setCondition<PodCondition>(undefined, { type: "Ready", status: "False" }, 0);
  const second = setCondition(first, { type: "Ready", status: "False", reason: "Why" }, 1000);
  const third = setCondition(second, { type: "Ready", status: "True" }, 2000);
  assert.deepEqual([second[0]?.lastTransitionTime, third[0]?.lastTransitionTime], ["1970-01-01T00:00:00Z", "1970-01-01T00:00:02Z"]);
  const pod = { status: { conditions: third } };
  assert.deepEqual([isPodAvailable(pod, 0, 2000), isPodAvailable(pod, 10, 11_999), isPodAvailable(pod, 10, 12_000)], [true, false, true]);
});

test("a port is found by its name and protocol", () => {
  const { spec } = podOf({ containers: [c({}, {}, { ports: [{ name: "dns", containerPort: 53, protocol: "UDP" }, { name: "dns", containerPort: 54 }] })] });
  assert.deepEqual([findPort(spec, "dns"), findPort(spec, "dns", "UDP"), findPort(spec, 80), findPort(spec, "x")], [54, 53, 80, undefined]);
});
