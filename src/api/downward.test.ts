import assert from "node:assert/strict";
import { test } from "node:test";
import { fieldValue, resourceFieldValue } from "./downward.ts";
import type { Pod } from "./gen/core-v1.ts";
import { fnv32a, templateHash } from "./template-hash.ts";

const pod: Pod = {
  metadata: { name: "p", namespace: "n", uid: "u", labels: { b: "2", a: 'x"y' } }, spec: { nodeName: "node", containers: [{ name: "c", resources: { limits: { memory: "64Mi" }, requests: { cpu: "250m" } } }] },
  status: { podIP: "10.0.0.1", podIPs: [{ ip: "10.0.0.1" }, { ip: "fd00::1" }] },
};
const fields: readonly [path: string, value: string][] = [
  ["metadata.name", "p"], ["metadata.labels", 'a="x\\"y"\nb="2"'], ["metadata.labels['b']", "2"], ["metadata.annotations['example.com/x']", ""], ["status.podIPs", "10.0.0.1,fd00::1"], ["status.hostIP", ""], ["spec.nodeName", "node"],
];
for (const [path, value] of fields) test(path, () => assert.equal(fieldValue(pod, path), value));

test("other paths are refused in upstream's words", () => {
  assert.throws(() => fieldValue(pod, "spec.x"), { message: "unsupported fieldPath: spec.x" });
  assert.throws(() => fieldValue(pod, "spec.x['y']"), { message: `fieldPath "spec.x['y']" does not support subscript` });
});

const node = { cpu: "2", memory: "8Gi" };
const resources: readonly [resource: string, divisor: string | undefined, value: string][] = [
  ["limits.memory", undefined, "67108864"], ["limits.memory", "1Mi", "64"], ["limits.memory", "1Gi", "1"], ["requests.cpu", undefined, "1"], ["requests.cpu", "1m", "250"], ["limits.cpu", "0", "2"], ["limits.cpu", "1m", "2000"], ["requests.memory", undefined, "0"],
];
for (const [resource, divisor, value] of resources) {
  test(`${resource} by ${divisor ?? "nothing"}`, () => assert.equal(resourceFieldValue(pod, { resource, ...(divisor !== undefined && { divisor }) }, "c", node), value));
}

test("an unknown resource or container is refused", () => {
  assert.throws(() => resourceFieldValue(pod, { resource: "limits.x" }, "c", node), { message: "unsupported container resource : limits.x" });
  assert.throws(() => resourceFieldValue(pod, { resource: "limits.cpu", containerName: "d" }, "c", node), { message: "container d not found" });
});

test("a template's hash depends on its content, not on the order of its keys", () => {
  const spec = { containers: [{ name: "c", image: "i" }] };
  assert.equal(templateHash({ metadata: { labels: { a: "1", b: "2" } }, spec }), templateHash({ spec, metadata: { labels: { b: "2", a: "1" } } }));
  assert.notEqual(templateHash({ spec }), templateHash({ spec }, 1));
  assert.match(templateHash({ spec }), /^[bcdfghjklmnpqrstvwxz2456789]{1,10}$/);
  assert.equal(fnv32a("foobar"), 0xbf9cf968);
});
