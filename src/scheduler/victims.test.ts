import assert from "node:assert/strict";
import { test } from "node:test";
import type { PodDisruptionBudget } from "#api/gen/policy-v1.ts";
import { FilterRun } from "./filter-run.ts";
import { Nominations } from "./nominations.ts";
import { PodInfo } from "./pod-info.ts";
import { nodeResourcesFit } from "./plugins/node-resources-fit.ts";
import { clusterOf, node, pod, type PodParts } from "./testing.ts";
import { bestCandidate, findVictims, type Candidate } from "./victims.ts";

const on = (name: string, parts: PodParts): ReturnType<typeof pod> => pod({ name, on: "a", requests: { cpu: "1" }, ...parts });
const budget: PodDisruptionBudget = {
  metadata: { name: "keep", namespace: "default" },
  spec: { selector: { matchLabels: { app: "db" } } },
  status: { disruptionsAllowed: 0, currentHealthy: 1, desiredHealthy: 1, expectedPods: 1 },
};

const cases: readonly { readonly name: string; readonly cpu: string; readonly there: readonly ReturnType<typeof pod>[]; readonly budgets?: readonly PodDisruptionBudget[]; readonly victims: readonly string[] | string; readonly violations?: number }[] = [
  { name: "only as many as needed go, the least important first", cpu: "1", there: [on("p3", { priority: 3 }), on("p1", { priority: 1 }), on("p2", { priority: 2 }), on("q3", { priority: 3 })], victims: ["p1"] },
  { name: "of equals the one that started last goes", cpu: "1", there: [on("new", { startTime: "2026-01-02T00:00:00Z" }), on("old", { startTime: "2026-01-01T00:00:00Z" }), on("older", { startTime: "2025-01-01T00:00:00Z" }), on("oldest", { startTime: "2024-01-01T00:00:00Z" })], victims: ["new"] },
  { name: "a pod under a budget stays if another can go", cpu: "1", there: [on("db", { labels: { app: "db" } }), on("x", { priority: 5 }), on("y", { priority: 5 }), on("z", { priority: 6 })], budgets: [budget], victims: ["y"], violations: 0 },
  { name: "a budget is broken when there is no other way", cpu: "4", there: [on("db", { labels: { app: "db" } }), on("x", {})], budgets: [budget], victims: ["db", "x"], violations: 1 },
  { name: "nobody goes when all are as important", cpu: "4", there: [on("x", { priority: 10 })], victims: "No preemption victims found for incoming pod" },
  { name: "nobody goes when it would not help", cpu: "4", there: [on("x", {}), on("vip", { priority: 10 })], victims: "Insufficient cpu" },
];

for (const { name, cpu, there, budgets = [], victims, violations = 0 } of cases) {
  test(name, () => {
    const cluster = clusterOf([node("a")], there);
    const run = new FilterRun([nodeResourcesFit(() => false)], new PodInfo(pod({ priority: 10, requests: { cpu } })), cluster, new Nominations());
    run.prepare();
    const [first] = cluster.nodes;
    assert(first !== undefined);
    const found = findVictims(run.pod, run.whatIf(first), budgets);
    if ("rejection" in found) return assert.deepEqual(found.rejection.reasons, [victims]);
    assert.deepEqual([found.victims.map((v) => v.pod.metadata.name).toSorted(), found.violations], [victims, violations]);
    assert.equal(first.pods.size, there.length, "the real node was changed");
  });
}

test("the node is chosen where it costs least", () => {
  const victim = (priority: number, startTime?: string): PodInfo => new PodInfo(pod({ priority, on: "x", ...(startTime !== undefined && { startTime }) }));
  const candidate = (name: string, violations: number, ...victims: PodInfo[]): Candidate => ({ node: name, violations, victims });
  const best = (...candidates: Candidate[]): string | undefined => bestCandidate(candidates)?.node;
  assert.equal(best(), undefined);
  assert.equal(best(candidate("breaks", 1, victim(0)), candidate("keeps", 0, victim(9))), "keeps");
  assert.equal(best(candidate("high", 0, victim(5)), candidate("low", 0, victim(3), victim(3))), "low");
  assert.equal(best(candidate("sum", 0, victim(3), victim(2)), candidate("less", 0, victim(3), victim(1))), "less");
  assert.equal(best(candidate("old", 0, victim(3, "2020-01-01T00:00:00Z")), candidate("new", 0, victim(3, "2026-01-01T00:00:00Z"))), "new");
});
