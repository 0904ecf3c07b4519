import assert from "node:assert/strict";
import { test } from "node:test";
import type { Pod } from "#api/gen/core-v1.ts";
import { fieldValue, resourceValue } from "./downward.ts";

const pod: Pod = {
  metadata: { name: "p", namespace: "n", uid: "u", labels: { b: "2", a: 'x"y\n\u0001' } }, spec: { nodeName: "node", containers: [{ name: "c", resources: { limits: { memory: "64Mi" }, requests: { cpu: "250m" } } }] },
  status: {},
};
const own = pod.spec.containers[0];
const addresses = { podIps: ["10.0.0.1", "fd00::1"], hostIps: ["192.0.2.1"] };
const fields: readonly [path: string, value: string][] = [
  ["metadata.name", "p"], ["metadata.labels", 'a="x\\"y\\n\\x01"\nb="2"'], ["metadata.labels['b']", "2"], ["metadata.annotations['example.com/x']", ""], ["status.podIPs", "10.0.0.1,fd00::1"], ["status.podIP", "10.0.0.1"], ["status.hostIP", "192.0.2.1"], ["status.hostIPs", "192.0.2.1"], ["spec.nodeName", "node"],
];
for (const [path, value] of fields) test(path, () => assert.equal(fieldValue(pod, path, addresses), value));

test("other paths are refused in upstream's words", () => {
  assert.throws(() => fieldValue(pod, "spec.x", addresses), { message: "unsupported fieldPath: spec.x" });
  assert.throws(() => fieldValue(pod, "spec.x['y']", addresses), { message: `fieldPath "spec.x['y']" does not support subscript` });
});

const node = { cpu: "2", memory: "8Gi" };
const resources: readonly [resource: string, divisor: string | undefined, value: string][] = [
  ["limits.memory", undefined, "67108864"], ["limits.memory", "1Mi", "64"], ["limits.memory", "1Gi", "1"], ["requests.cpu", undefined, "1"], ["requests.cpu", "1m", "250"], ["limits.cpu", "0", "2"], ["limits.cpu", "1m", "2000"], ["requests.memory", undefined, "0"],
];
for (const [resource, divisor, value] of resources) {
  test(`${resource} by ${divisor ?? "nothing"}`, () => assert.equal(resourceValue(pod, { resource, ...(divisor !== undefined && { divisor }) }, own, node), value));
}

test("a container is found by its name, whoever asks", () => assert.equal(resourceValue(pod, { resource: "requests.cpu", containerName: "c", divisor: "1m" }, undefined, node), "250"));

test("an unknown resource or container is refused", () => {
  assert.throws(() => resourceValue(pod, { resource: "limits.x" }, own, node), { message: "unsupported container resource : limits.x" });
  assert.throws(() => resourceValue(pod, { resource: "limits.cpu", containerName: "d" }, own, node), { message: "container d not found" });
  assert.throws(() => resourceValue(pod, { resource: "limits.cpu" }, undefined, node), { message: "container  not found" });
});
