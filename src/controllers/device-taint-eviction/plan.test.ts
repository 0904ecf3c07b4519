import assert from "node:assert/strict";
import { test } from "node:test";
import type { Pod } from "#api/gen/core-v1.ts";
import type { DeviceTaint, DeviceToleration, ResourceClaim } from "#api/gen/resource-v1.ts";
import type { Plan } from "../taint-eviction/plan.ts";
import { plan } from "./plan.ts";

const now = Date.parse("2026-01-01T01:00:00Z");
const pod = (parts: { readonly on?: string; readonly phase?: string; readonly going?: boolean } = {}): Pod =>
  ({ metadata: { name: "p", uid: "u", ...(parts.going && { deletionTimestamp: "2026-01-01T00:59:00Z" }) }, spec: { containers: [], nodeName: parts.on ?? "n" }, status: { phase: parts.phase ?? "Running" } }) as unknown as Pod;
const claim = (tolerations?: DeviceToleration[], user = "u"): ResourceClaim =>
  ({ metadata: { name: "c" }, spec: {}, status: { allocation: { devices: { results: [{ request: "r", driver: "d", pool: "p", device: "x", ...(tolerations && { tolerations }) }] } }, reservedFor: [{ resource: "pods", name: "p", uid: user }] } });
const sick: DeviceTaint = { key: "sick", effect: "NoExecute", timeAdded: "2026-01-01T00:59:00Z" };
const stay: Plan = { action: "stay" };
const leave = (seconds: number): Plan => ({ action: "leave", leaveAt: now + seconds * 1000 });

// Upstream: pkg/controller/devicetainteviction/device_taint_eviction_test.go
const cases: readonly (readonly [name: string, pod: Pod, claims: readonly ResourceClaim[], taints: readonly DeviceTaint[], want: Plan])[] = [
  ["no taint", pod(), [claim()], [], stay],
  ["one that only keeps new claims away", pod(), [claim()], [{ ...sick, effect: "NoSchedule" }], stay],
  ["one that it does not bear", pod(), [claim()], [sick], leave(-60)],
  ["one that it bears for ever", pod(), [claim([{ operator: "Exists" }])], [sick], stay],
  ["one that it bears for a while", pod(), [claim([{ key: "sick", operator: "Exists", effect: "NoExecute", tolerationSeconds: 90 }])], [sick], leave(30)],
  ["the shortest while", pod(), [claim([{ operator: "Exists", tolerationSeconds: 90 }, { operator: "Exists", tolerationSeconds: 70 }])], [sick], leave(10)],
  ["one that bears no time", pod(), [claim([{ operator: "Exists", tolerationSeconds: 90 }])], [{ key: "sick", effect: "NoExecute" }], leave(90)],
  ["another pod's device", pod(), [claim(undefined, "other")], [sick], stay],
  ["a pod that has no node", pod({ on: "" }), [claim()], [sick], stay],
  ["a pod that has ended", pod({ phase: "Succeeded" }), [claim()], [sick], stay],
  ["a pod that goes already", pod({ going: true }), [claim()], [sick], stay],
];
for (const [name, one, claims, taints, want] of cases) test(name, () => assert.deepEqual(plan(one, claims, () => taints, now), want));
