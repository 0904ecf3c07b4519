import assert from "node:assert/strict";
import { test } from "node:test";
import type { Pod } from "#api/gen/core-v1.ts";
import type { PodDisruptionBudget } from "#api/gen/policy-v1.ts";
import { isStatus } from "#apimachinery/status.ts";
import { budgetsOf, disrupt, isSpare, isUnguarded } from "./eviction-rules.ts";

const now = Date.parse("2026-01-01T00:00:00Z");
const budgetOf = (status: object, spec: object = {}): PodDisruptionBudget => ({ metadata: { name: "guard", generation: 1 }, spec, status: { observedGeneration: 1, ...status } }) as PodDisruptionBudget;
const podOf = (status: object, metadata: object = {}): Pod => ({ metadata: { name: "web", labels: { app: "web" }, ...metadata }, spec: { containers: [] }, status }) as Pod;

function refusal(budget: PodDisruptionBudget): readonly unknown[] {
  try {
    disrupt(budget, "web", now);
    return [];
  } catch (err) {
    assert(isStatus(err, "TooManyRequests", "Forbidden"));
    return [err.code, err.message, err.details?.retryAfterSeconds, err.details?.causes?.[0]?.message];
  }
}

const violation = "Cannot evict pod as it would violate the pod's disruption budget.";
const condition = (reason: string, message: string): object => ({ conditions: [{ type: "DisruptionAllowed", status: "False", reason, message, lastTransitionTime: "2026-01-01T00:00:00Z" }] });
// Upstream: pkg/registry/core/pod/storage/eviction.go checkAndDecrement
const cases: readonly (readonly [name: string, budget: PodDisruptionBudget, want: readonly unknown[]])[] = [
  ["not enough is healthy", budgetOf({ desiredHealthy: 3, currentHealthy: 2 }), [429, violation, undefined, "The disruption budget guard needs 3 healthy pods and has 2 currently"]],
  ["the budget has not been looked at yet", budgetOf({ observedGeneration: 0, disruptionsAllowed: 1 }), [429, violation, 10, "The disruption budget guard is still being processed by the server."]],
  ["the budget could not be reckoned", budgetOf(condition("SyncFailed", "no scale")), [429, violation, undefined, "The disruption budget guard does not allow evicting pods currently because it failed sync: no scale"]],
  ["something else is said", budgetOf({ currentHealthy: 3, desiredHealthy: 2, ...condition("Paused", "by hand") }), [429, violation, undefined, "The disruption budget guard does not allow evicting pods currently (Paused): by hand"]],
  ["the count is nonsense", budgetOf({ disruptionsAllowed: -1 }), [403, 'poddisruptionbudget.policy "guard" is forbidden: pdb disruptions allowed is negative', undefined, undefined]],
];
for (const [name, budget, want] of cases) test(`an eviction is refused when ${name}`, () => assert.deepEqual(refusal(budget), want));

test("an eviction is written down in the budget", () => {
  const { status } = disrupt(budgetOf({ disruptionsAllowed: 1 }), "web", now);
  assert.deepEqual([status.disruptionsAllowed, status.disruptedPods, status.conditions?.map((c) => [c.status, c.reason])], [0, { web: "2026-01-01T00:00:00Z" }, [["False", "InsufficientPods"]]]);
});

test("a pod that is not ready is spare where enough others are, or where the budget says so", () => {
  const pod = podOf({ phase: "Running" });
  const healthy = { currentHealthy: 2, desiredHealthy: 2 };
  assert.deepEqual([isSpare(pod, budgetOf(healthy)), isSpare(pod, budgetOf({})), isSpare(pod, budgetOf({}, { unhealthyPodEvictionPolicy: "AlwaysAllow" }))], [true, false, true]);
  assert.equal(isSpare(podOf({ conditions: [{ type: "Ready", status: "True" }] }), budgetOf(healthy)), false);
});

test("nobody guards what has ended, not begun, or is going", () => {
  assert.deepEqual([podOf({ phase: "Failed" }), podOf({ phase: "Pending" }), podOf({ phase: "Running" }, { deletionTimestamp: "2026-01-01T00:00:00Z" }), podOf({ phase: "Running" })].map(isUnguarded), [true, true, true, false]);
});

test("an empty selector guards everything, none guards nothing", () => {
  const budgets = [budgetOf({}, { selector: {} }), budgetOf({}), budgetOf({}, { selector: { matchLabels: { app: "db" } } })];
  assert.deepEqual(budgetsOf(podOf({}), budgets), [budgets[0]]);
});
