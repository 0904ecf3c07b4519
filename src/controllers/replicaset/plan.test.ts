import assert from "node:assert/strict";
import { test } from "node:test";
import type { Pod } from "#api/gen/core-v1.ts";
import { plan, statusOf, type Replicated } from "./plan.ts";

const now = Date.parse("2026-01-01T01:00:00Z");
const ago = (seconds: number): string => new Date(now - seconds * 1000).toISOString();
interface Shape { readonly phase?: Pod["status"]["phase"]; readonly on?: string; readonly ready?: number; readonly leaving?: boolean; readonly cost?: string; readonly restarts?: number; readonly made?: number; readonly labels?: Record<string, string> }
function pod(name: string, { phase = "Running", on = "n", ready, leaving, cost, restarts = 0, made = 3600, labels = { app: "web" } }: Shape = {}): Pod {
  return {
    metadata: { name, labels, creationTimestamp: ago(made), ...(leaving && { deletionTimestamp: ago(1) }), ...(cost !== undefined && { annotations: { "controller.kubernetes.io/pod-deletion-cost": cost } }) },
    spec: { containers: [], ...(on !== "" && { nodeName: on }) },
    status: { phase, conditions: [{ type: "Ready", status: ready === undefined ? "False" : "True", ...(ready !== undefined && { lastTransitionTime: ago(ready) }) }], containerStatuses: [{ name: "c", restartCount: restarts }] },
  } as unknown as Pod;
}
const set = (replicas: number, spec: Partial<Replicated["spec"]> = {}, status: Partial<Replicated["status"]> = {}): Replicated =>
  ({ metadata: { name: "web", generation: 2 }, spec: { replicas, template: { metadata: { labels: { app: "web" } } }, ...spec }, status: { replicas: 0, ...status } }) as Replicated;

// Upstream: pkg/controller/controller_utils_test.go ActivePodsWithRanks
const cases: readonly { readonly name: string; readonly want: number; readonly have: readonly Pod[]; readonly create?: number; readonly remove?: readonly string[]; readonly related?: Readonly<Record<string, number>> }[] = [
  { name: "what is missing is made", want: 3, have: [pod("a")], create: 2 },
  { name: "as many as wanted", want: 1, have: [pod("a")] },
  { name: "what has ended or leaves does not count", want: 2, have: [pod("a", { phase: "Failed" }), pod("b", { phase: "Succeeded" }), pod("c", { leaving: true }), pod("d")], create: 1 },
  { name: "one without a node goes first", want: 1, have: [pod("a", { ready: 90 }), pod("b", { phase: "Pending", on: "" })], remove: ["b"] },
  { name: "a pending one before a running one", want: 1, have: [pod("a"), pod("b", { phase: "Pending" })], remove: ["b"] },
  { name: "one that does not serve before one that does", want: 1, have: [pod("a", { ready: 90 }), pod("b")], remove: ["b"] },
  { name: "the cheaper one", want: 1, have: [pod("a", { ready: 90, cost: "-5" }), pod("b", { ready: 90 })], remove: ["a"] },
  { name: "where there are more of its kind", want: 1, have: [pod("a", { ready: 90, on: "full" }), pod("b", { ready: 90, on: "empty" })], related: { full: 3, empty: 1 }, remove: ["a"] },
  { name: "one that has served for a shorter time", want: 1, have: [pod("a", { ready: 9000 }), pod("b", { ready: 10 })], remove: ["b"] },
  { name: "one that restarted more often", want: 1, have: [pod("a", { ready: 90, restarts: 3 }), pod("b", { ready: 90 })], remove: ["a"] },
  { name: "the younger one", want: 1, have: [pod("a", { ready: 90, made: 100_000 }), pod("b", { ready: 90, made: 100 })], remove: ["b"] },
  { name: "none is wanted", want: 0, have: [pod("a", { ready: 90 }), pod("b")], remove: ["b", "a"] },
];
for (const { name, want, have, create = 0, remove = [], related = {} } of cases) {
  test(name, () => {
    const found = plan(set(want), have, ({ spec }) => related[spec.nodeName ?? ""] ?? 1);
    assert.deepEqual([found.create, found.remove.map(({ metadata }) => metadata.name)], [create, remove]);
  });
}

test("the status counts, and comes back when a pod has been ready for long enough", () => {
  const pods = [pod("a", { ready: 100 }), pod("b", { ready: 4 }), pod("c", { ready: 100, labels: { app: "web2" } }), pod("d"), pod("e", { leaving: true }), pod("f", { phase: "Failed" })];
  assert.deepEqual(statusOf(set(5, { minReadySeconds: 10 }), pods, undefined, now), {
    status: { replicas: 4, fullyLabeledReplicas: 3, readyReplicas: 3, availableReplicas: 2, terminatingReplicas: 1, observedGeneration: 2 }, againMs: 6_000,
  });
  assert.equal(statusOf(set(5), pods, undefined, now, false).status.terminatingReplicas, undefined);
});

test("a failure to make pods is told until there is none", () => {
  const failure = { type: "ReplicaFailure" as const, status: "True" as const, reason: "FailedCreate", message: "quota" };
  assert.deepEqual(statusOf(set(1), [], failure, now).status.conditions, [failure]);
  assert.equal(statusOf(set(1, {}, { conditions: [failure] }), [], undefined, now).status.conditions, undefined);
});
