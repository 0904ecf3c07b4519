import assert from "node:assert/strict";
import { test } from "node:test";
import type { Pod } from "#api/gen/core-v1.ts";
import type { PodDisruptionBudget } from "#api/gen/policy-v1.ts";
import { failed, plan } from "./plan.ts";
import { staleAt } from "./stale-targets.ts";

const now = Date.parse("2026-01-01T00:10:00Z");
const ready = (name: string, rest: object = {}): Pod => ({ metadata: { name, namespace: "default" }, spec: { containers: [] }, status: { phase: "Running", conditions: [{ type: "Ready", status: "True" }] }, ...rest }) as unknown as Pod;
const unready = (name: string): Pod => ready(name, { status: {} });
const leaving = (name: string): Pod => ready(name, { metadata: { name, deletionTimestamp: "2026-01-01T00:09:00Z" } });
const budget = (spec: object, status: object = {}): PodDisruptionBudget => ({ metadata: { name: "b", namespace: "default", generation: 3 }, spec, status }) as PodDisruptionBudget;

// Upstream: pkg/controller/disruption/disruption_test.go
const cases: readonly { readonly name: string; readonly spec: object; readonly pods: readonly Pod[]; readonly scale?: number; readonly status?: object; readonly want: readonly [allowed: number, healthy: number, desired: number, expected: number] }[] = [
  { name: "one of three may go", spec: { minAvailable: 2 }, pods: [ready("a"), ready("b"), ready("c")], want: [1, 3, 2, 3] },
  { name: "none may go while one is not ready", spec: { minAvailable: 2 }, pods: [ready("a"), ready("b"), unready("c")], want: [0, 2, 2, 3] },
  { name: "what leaves does not count as healthy", spec: { minAvailable: 1 }, pods: [ready("a"), leaving("b")], want: [0, 1, 1, 2] },
  { name: "a share is of what is wanted, rounded up", spec: { minAvailable: "28%" }, pods: [ready("a"), ready("b"), ready("c")], scale: 10, want: [0, 3, 3, 10] },
  { name: "so many may be missing of what is wanted", spec: { maxUnavailable: 1 }, pods: [ready("a"), ready("b")], scale: 3, want: [0, 2, 2, 3] },
  { name: "a share may be missing, rounded up", spec: { maxUnavailable: "30%" }, pods: [ready("a"), ready("b"), ready("c")], scale: 3, want: [1, 3, 2, 3] },
  { name: "a budget of no pods allows nothing", spec: { minAvailable: 0 }, pods: [], want: [0, 0, 0, 0] },
  { name: "an announced eviction counts as done", spec: { minAvailable: 1 }, pods: [ready("a"), ready("b")], status: { disruptedPods: { a: "2026-01-01T00:09:30Z" } }, want: [0, 1, 1, 2] },
];
for (const { name, spec, pods, scale = 0, status, want } of cases) {
  test(name, () => {
    const next = plan(budget(spec, status), pods, scale, now).status;
    assert.deepEqual([next?.disruptionsAllowed, next?.currentHealthy, next?.desiredHealthy, next?.expectedPods], want);
    assert.deepEqual(next?.conditions?.map((c) => [c.type, c.status, c.reason, c.observedGeneration]), [["DisruptionAllowed", want[0] > 0 ? "True" : "False", want[0] > 0 ? "SufficientPods" : "InsufficientPods", 3]]);
  });
}

test("what is said already is not said again", () => {
  const pods = [ready("a"), ready("b")];
  const first = plan(budget({ minAvailable: 1 }), pods, 0, now).status;
  assert(first !== undefined);
  assert.equal(plan(budget({ minAvailable: 1 }, first), pods, 0, now + 60_000).status, undefined);
});

test("an announced eviction is believed in for two minutes", () => {
  const status = { disruptedPods: { a: "2026-01-01T00:09:30Z", b: "2026-01-01T00:07:00Z", c: "2026-01-01T00:09:40Z" } };
  const { kept, recheckAt, status: next } = plan(budget({ minAvailable: 1 }, status), [ready("a"), ready("b"), leaving("c")], 0, now);
  assert.deepEqual([kept.map((p) => p.metadata.name), recheckAt, next?.disruptedPods], [["b"], Date.parse("2026-01-01T00:11:30Z"), { a: "2026-01-01T00:09:30Z" }]);
});

test("a budget that cannot be reckoned allows nothing and says why", () => {
  const next = failed(budget({ maxUnavailable: 1 }, { disruptionsAllowed: 2, currentHealthy: 3 }), "found no controllers", now);
  assert.deepEqual([next?.disruptionsAllowed, next?.currentHealthy, next?.conditions?.[0]?.reason, next?.conditions?.[0]?.message], [0, 3, "SyncFailed", "found no controllers"]);
});

test("a pod that was to go and stays is no longer to go after two minutes", () => {
  const target = { phase: "Running", conditions: [{ type: "DisruptionTarget", status: "True", lastTransitionTime: "2026-01-01T00:09:00Z" }] };
  assert.equal(staleAt(ready("a", { status: target })), Date.parse("2026-01-01T00:11:00Z"));
  assert.deepEqual([staleAt(ready("a")), staleAt(ready("a", { status: { ...target, phase: "Failed" } }))], [undefined, undefined]);
});
