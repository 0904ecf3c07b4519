import assert from "node:assert/strict";
import { test } from "node:test";
import type { Pod, Taint, Toleration } from "#api/gen/core-v1.ts";
import { plan, type Plan } from "./plan.ts";

const now = Date.parse("2026-01-01T01:00:00Z");
const taint = (key: string, rest: Partial<Taint> = {}): Taint => ({ key, effect: "NoExecute", timeAdded: "2026-01-01T00:59:00Z", ...rest });
const pod = (tolerations: Toleration[], metadata: object = {}): Pod => ({ metadata: { name: "p", ...metadata }, spec: { containers: [], tolerations }, status: {} });
const bears = (key: string, tolerationSeconds?: number): Toleration => ({ key, operator: "Exists", ...(tolerationSeconds !== undefined && { tolerationSeconds }) });
const stay: Plan = { action: "stay" };
const leave = (seconds: number): Plan => ({ action: "leave", leaveAt: now + seconds * 1000 });

// Upstream: pkg/controller/tainteviction/taint_eviction_test.go
const cases: readonly [name: string, pod: Pod, taints: readonly Taint[], want: Plan][] = [
  ["no taint", pod([]), [], stay],
  ["one that only keeps new pods away", pod([]), [taint("a", { effect: "NoSchedule" })], stay],
  ["one that it does not bear", pod([]), [taint("a")], leave(0)],
  ["one that it bears for ever", pod([bears("a")]), [taint("a")], stay],
  ["for five minutes from when it came", pod([bears("a", 300)]), [taint("a")], leave(240)],
  ["that are over", pod([bears("a", 30)]), [taint("a")], leave(-30)],
  ["the shortest of all", pod([bears("a", 300), bears("b", 100)]), [taint("a"), taint("b", { timeAdded: "2026-01-01T00:59:30Z" })], leave(40)],
  ["all but one", pod([bears("a")]), [taint("a"), taint("b")], leave(0)],
  ["not at all", pod([bears("a", -5)]), [taint("a")], leave(0)],
  ["it leaves already", pod([], { deletionTimestamp: "2026-01-01T00:59:59Z" }), [taint("a")], stay],
];
for (const [name, one, taints, want] of cases) test(name, () => assert.deepEqual(plan(one, taints, now), want));

test("a taint that bears no time counts from when it was noticed, however often one looks", () => {
  const { timeAdded: _, ...untimed } = taint("a");
  for (const later of [0, 10_000, 40_000]) assert.deepEqual(plan(pod([bears("a", 30)]), [untimed], now + later, now), leave(30));
  assert.deepEqual(plan(pod([bears("a", 30)]), [untimed], now), leave(30));
});
