import assert from "node:assert/strict";
import { test } from "node:test";
import type { Deployment, DeploymentCondition, DeploymentStatus, ReplicaSet } from "#api/gen/apps-v1.ts";
import { isComplete, noted, progressed, statusOf, withFailure } from "./status.ts";

const now = Date.parse("2026-01-01T01:00:00Z");
const at = "2026-01-01T01:00:00Z";
const ago = (seconds: number): string => new Date(now - seconds * 1000).toISOString().replace(".000", "");
const of = (replicas: number, status: Partial<DeploymentStatus> = {}, spec: object = {}): Deployment => ({ metadata: { name: "web", generation: 2 }, spec: { replicas, selector: {}, template: {}, ...spec }, status }) as Deployment;
const set = (name: string, replicas: number, ready: number, available: number): ReplicaSet => ({ metadata: { name }, spec: { replicas, selector: {} }, status: { replicas, readyReplicas: ready, availableReplicas: available } });
const progressing = (reason: string, seconds: number, status: DeploymentCondition["status"] = "True"): DeploymentCondition => ({ type: "Progressing", status, reason, lastUpdateTime: ago(seconds), lastTransitionTime: ago(seconds) });
const said = ({ conditions = [] }: DeploymentStatus): string[] => conditions.map(({ type, status, reason = "", message = "" }) => `${type} ${status} ${reason}: ${message}`);

test("counts are of all sets, updated ones of the new set only", () => {
  const fresh = set("new", 3, 2, 1);
  const { conditions, ...counts } = statusOf(of(5), [fresh, set("old", 4, 4, 4)], fresh, now);
  assert.deepEqual(counts, { observedGeneration: 2, replicas: 7, updatedReplicas: 3, readyReplicas: 6, availableReplicas: 5, unavailableReplicas: 2 });
  assert.deepEqual(conditions, [{ type: "Available", status: "True", lastUpdateTime: at, lastTransitionTime: at, reason: "MinimumReplicasAvailable", message: "Deployment has minimum availability." }]);
});

test("fewer than may be missing are not enough", () => {
  assert.deepEqual(said(statusOf(of(5), [set("new", 5, 3, 3)], undefined, now)), ["Available False MinimumReplicasUnavailable: Deployment does not have minimum availability."]);
});

test("what is said already keeps its times", () => {
  const old: DeploymentCondition = { type: "Available", status: "True", reason: "MinimumReplicasAvailable", message: "Deployment has minimum availability.", lastUpdateTime: ago(90), lastTransitionTime: ago(90) };
  assert.deepEqual(statusOf(of(1, { conditions: [old] }), [set("new", 1, 1, 1)], undefined, now).conditions, [old]);
});

test("what is said already keeps its place, whichever is said last", () => {
  const conditions = [progressing("ReplicaSetUpdated", 5), ...(statusOf(of(1), [set("new", 1, 1, 1)], undefined, now).conditions ?? [])];
  assert.deepEqual(statusOf(of(1, { conditions }), [set("new", 1, 1, 1)], undefined, now).conditions, conditions);
});

const full: DeploymentStatus = { replicas: 3, updatedReplicas: 3, readyReplicas: 3, availableReplicas: 3, observedGeneration: 2 };
// Upstream: pkg/controller/deployment/progress_test.go, util DeploymentComplete
const completes: readonly [name: string, status: DeploymentStatus, want: boolean][] = [
  ["all are new and serve", full, true],
  ["old ones are left", { ...full, replicas: 4 }, false],
  ["one does not serve", { ...full, availableReplicas: 2 }, false],
  ["it was changed since", { ...full, observedGeneration: 1 }, false],
];
for (const [name, status, want] of completes) test(`complete: ${name}`, () => assert.equal(isComplete(of(3), status), want));

const partly: DeploymentStatus = { ...full, updatedReplicas: 2, availableReplicas: 2 };
const cases: readonly { readonly name: string; readonly old: Partial<DeploymentStatus>; readonly next: DeploymentStatus; readonly want: string | undefined; readonly againMs?: number }[] = [
  { name: "done", old: {}, next: { ...full, conditions: [progressing("ReplicaSetUpdated", 5)] }, want: 'Progressing True NewReplicaSetAvailable: ReplicaSet "web-1" has successfully progressed.' },
  { name: "a step further", old: { updatedReplicas: 1 }, next: { ...partly, conditions: [progressing("ReplicaSetUpdated", 500)] }, want: 'Progressing True ReplicaSetUpdated: ReplicaSet "web-1" is progressing.', againMs: 600_000 },
  { name: "standing still, with time left", old: partly, next: { ...partly, conditions: [progressing("ReplicaSetUpdated", 500)] }, want: "Progressing True ReplicaSetUpdated: ", againMs: 100_000 },
  { name: "standing still for too long", old: partly, next: { ...partly, conditions: [progressing("ReplicaSetUpdated", 601)] }, want: 'Progressing False ProgressDeadlineExceeded: ReplicaSet "web-1" has timed out progressing.' },
  { name: "paused: no deadline", old: partly, next: { ...partly, conditions: [progressing("DeploymentPaused", 9000, "Unknown")] }, want: "Progressing Unknown DeploymentPaused: " },
  { name: "done before: pods that come and go since are no rollout", old: full, next: { ...full, availableReplicas: 1, conditions: [progressing("NewReplicaSetAvailable", 9000)] }, want: "Progressing True NewReplicaSetAvailable: " },
];
for (const { name, old, next, want, againMs } of cases) {
  test(`progress: ${name}`, () => {
    const found = progressed(of(3, old), next, set("web-1", 3, 3, 3), now);
    assert.deepEqual([said(found.status)[0], found.againMs], [want, againMs]);
  });
}

test("without a deadline nothing is said of progress", () => {
  assert.deepEqual(progressed(of(3, {}, { progressDeadlineSeconds: 2_147_483_647 }), { ...partly, conditions: [progressing("ReplicaSetUpdated", 5)] }, undefined, now).status.conditions, []);
});

test("a set that cannot make pods is the Deployment's failure, until it can", () => {
  const failing: ReplicaSet = { ...set("web-1", 1, 0, 0), status: { replicas: 0, conditions: [{ type: "ReplicaFailure", status: "True", reason: "FailedCreate", message: "quota" }] } };
  const failed = withFailure({}, [failing], now);
  assert.deepEqual(said(failed), ["ReplicaFailure True FailedCreate: quota"]);
  assert.deepEqual(said(withFailure(failed, [set("web-1", 1, 1, 1)], now)), []);
});

// Upstream: pkg/controller/deployment/sync.go getNewReplicaSet
const notes: readonly [name: string, conditions: readonly DeploymentCondition[], created: boolean, want: string][] = [
  ["a new set is told", [], true, 'NewReplicaSetCreated: Created new replica set "new"'],
  ["a set that was there is told where nothing is said yet", [], false, 'FoundNewReplicaSet: Found new replica set "new"'],
  ["what is said already stays", [progressing("ReplicaSetUpdated", 90)], false, "ReplicaSetUpdated: "],
];
for (const [name, conditions, created, want] of notes) {
  test(`noted: ${name}, and the set's revision`, () => {
    const fresh: ReplicaSet = { ...set("new", 3, 0, 0), metadata: { name: "new", annotations: { "deployment.kubernetes.io/revision": "4" } } };
    const { metadata, status } = noted(of(3, { conditions: [...conditions] }), fresh, created, now);
    assert.deepEqual([metadata.annotations, said(status)], [{ "deployment.kubernetes.io/revision": "4" }, [`Progressing True ${want}`]]);
  });
}
