import assert from "node:assert/strict";
import { test } from "node:test";
import type { Pod } from "#api/gen/core-v1.ts";
import { resizeMessage } from "./resize-events.ts";
import { inResizeOrder, type WaitingResize } from "./resize-order.ts";

interface Shape { readonly cpu?: string; readonly priority?: number; readonly qosClass?: "Guaranteed" | "Burstable"; readonly since?: number }

function waiting(name: string, { cpu = "2", priority, qosClass = "Burstable", since }: Shape): WaitingResize {
  const podOf = (amount: string): Pod => ({ metadata: { name }, status: { qosClass }, spec: { ...(priority !== undefined && { priority }), containers: [{ name: "c", resources: { requests: { cpu: amount } } }] } });
  return { pod: podOf(cpu), given: podOf("1"), since };
}

// Upstream: pkg/kubelet/allocation TestSortPendingResizes
const cases: readonly { readonly name: string; readonly have: Readonly<Record<string, Shape>>; readonly want: readonly string[] }[] = [
  { name: "what asks for no more goes first, whatever its priority", have: { grows: { priority: 1_000 }, shrinks: { cpu: "500m" } }, want: ["shrinks", "grows"] },
  { name: "then the higher priority", have: { low: { priority: 1, qosClass: "Guaranteed" }, high: { priority: 2 } }, want: ["high", "low"] },
  { name: "then the class", have: { some: { since: 1 }, all: { qosClass: "Guaranteed", since: 2 } }, want: ["all", "some"] },
  { name: "then what has waited longest; what never was put off last", have: { fresh: {}, late: { since: 20 }, early: { since: 10 } }, want: ["early", "late", "fresh"] },
];
for (const { name, have, want } of cases)
  test(name, () => assert.deepEqual(inResizeOrder(Object.entries(have).map(([pod, shape]) => waiting(pod, shape))).map(({ pod }) => pod.metadata.name), want));

// Upstream: pkg/kubelet/events TestPodResizeCompletedMsg, TestPodResizeErrorMsg
test("a resize is told as JSON, amounts in canonical form", () => {
  const spec: Pod["spec"] = { initContainers: [{ name: "i" }], containers: [{ name: "c", resources: { requests: { memory: "1024Mi", cpu: "0.1" }, limits: { cpu: "1000m" } } }] };
  const pod: Pod = { metadata: { name: "p" }, spec, status: {} };
  const container = '{"name":"c","resources":{"limits":{"cpu":"1"},"requests":{"cpu":"100m","memory":"1Gi"}}}';
  assert.equal(resizeMessage("completed", pod, 3), `Pod resize completed: {"initContainers":[{"name":"i","resources":{}}],"containers":[${container}],"generation":3}`);
  assert.equal(resizeMessage("error", { ...pod, spec: { containers: spec.containers } }, 2, "busy"), `Pod resize error: {"containers":[${container}],"generation":2,"error":"busy"}`);
});
