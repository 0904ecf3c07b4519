import assert from "node:assert/strict";
import { test } from "node:test";
import type { JobSpec, JobStatus } from "#api/gen/batch-v1.ts";
import type { Pod } from "#api/gen/core-v1.ts";
import { continued, remainingMs } from "./backoff.ts";
import { exited, indexed, leaving, newJob, newPod, now, pending, running, succeeded } from "./fixture.ts";
import { ignoredIndexFailures, indexFailures, indexKey, trackingFinalizer } from "./names.ts";
import { scale } from "./scale.ts";
import { suspension } from "./status.ts";
import { survey } from "./survey.ts";
import { podTemplate } from "./template.ts";
import { finished, settle, track } from "./track.ts";
import { completion, verdictOf } from "./verdict.ts";

const inIndexes = (spec: Partial<JobSpec>): Partial<JobSpec> => ({ completionMode: "Indexed", ...spec });
/** Done when one has succeeded, and none says how many there are to be. */
const workQueue = { completions: undefined } as unknown as Partial<JobSpec>;
const freed: Pick<Pod["metadata"], "finalizers"> = { finalizers: [] };

// Upstream: pkg/controller/job/job_controller_test.go TestControllerSyncJob, TestManageJob
interface ScaleCase { readonly name: string; readonly spec?: Partial<JobSpec>; readonly status?: JobStatus; readonly pods?: readonly Pod[]; readonly create?: number | readonly number[]; readonly remove?: readonly string[]; readonly waitMs?: number }
const scales: readonly ScaleCase[] = [
  { name: "the first pods are made", spec: { parallelism: 2, completions: 5 }, create: 2 },
  { name: "no more than are still wanted", spec: { parallelism: 3, completions: 5 }, status: { succeeded: 4 }, create: 1 },
  { name: "what has succeeded and is not yet counted is not made again", spec: { parallelism: 2, completions: 2 }, pods: [newPod("a", succeeded)], create: 1 },
  { name: "a pod that is named in the status counts as well", spec: { completions: 2 }, status: { uncountedTerminatedPods: { succeeded: ["a"] } }, pods: [newPod("a", succeeded)], create: 1 },
  { name: "without a number of completions, as many as may run", spec: { ...workQueue, parallelism: 3 }, pods: [newPod("a", running)], create: 2 },
  { name: "… until one has succeeded", spec: { ...workQueue, parallelism: 3 }, pods: [newPod("a", running), newPod("b", succeeded)], create: 0 },
  { name: "less at a time: the cheapest go", spec: { parallelism: 1, completions: 5 }, pods: [newPod("a", running), newPod("b", pending)], remove: ["b"] },
  { name: "none at a time", spec: { parallelism: 0, completions: 5 }, pods: [newPod("a", running)], remove: ["a"] },
  { name: "suspended: all go", spec: { suspend: true }, pods: [newPod("a", running)], remove: ["a"] },
  { name: "a failure waits ten seconds", pods: [newPod("a", exited(1, 4))], create: 0, waitMs: 6000 },
  { name: "the third waits forty", pods: ["a", "b", "c"].map((name) => newPod(name, exited(1, 4))), create: 0, waitMs: 36_000 },
  { name: "and is over some time", pods: [newPod("a", exited(1, 10))], create: 1 },
  { name: "a pod that leaves is replaced", pods: [newPod("a", running, { ...leaving, deletionTimestamp: "2026-01-01T00:09:00Z" })], create: 1 },
  { name: "a pod that leaves is waited for where only what has failed is replaced", spec: { podReplacementPolicy: "Failed" }, pods: [newPod("a", running, leaving)], create: 0 },
  { name: "indexes in order", spec: inIndexes({ parallelism: 2, completions: 5 }), create: [0, 1] },
  { name: "indexes that are free", spec: inIndexes({ parallelism: 3, completions: 5 }), status: { completedIndexes: "0,2", succeeded: 2 }, pods: [indexed("a", 1, running)], create: [3, 4] },
  { name: "an index that leaves is taken where only what has failed is replaced", spec: inIndexes({ parallelism: 3, completions: 3, podReplacementPolicy: "Failed" }), pods: [{ ...indexed("a", 0, running, {}, leaving) }], create: [1, 2] },
  { name: "of two with one index the younger goes, and who has none", spec: inIndexes({ parallelism: 3, completions: 3 }), pods: [indexed("a", 0, running), indexed("b", 0, pending), newPod("c", running), indexed("d", 7, running)], remove: ["b", "c", "d"] },
  { name: "each index waits for itself", spec: inIndexes({ parallelism: 3, completions: 3, backoffLimitPerIndex: 2 }), pods: [indexed("a", 1, exited(1, 4))], create: [0, 2], waitMs: 6000 },
  { name: "… twice as long after its second failure", spec: inIndexes({ parallelism: 1, completions: 1, backoffLimitPerIndex: 2 }), pods: [indexed("a", 0, exited(1, 4), { [indexFailures]: "1" })], create: [], waitMs: 16_000 },
  { name: "an index that has failed is not tried again", spec: inIndexes({ parallelism: 2, completions: 2, backoffLimitPerIndex: 0 }), pods: [indexed("a", 0, exited(1, 40))], create: [1] },
];
for (const { name, spec, status, pods = [], create = 0, remove = [], waitMs } of scales) test(`scale: ${name}`, () => {
  const job = newJob(spec, status);
  const next = scale(job, survey(job, pods, undefined), now);
  const made = typeof create === "number" ? next.create.length : next.create.map(({ index }) => index);
  assert.deepEqual([made, next.remove.map(({ metadata }) => metadata.name).toSorted(), next.waitMs], [create, remove, waitMs]);
});

interface VerdictCase { readonly name: string; readonly spec?: Partial<JobSpec>; readonly status?: JobStatus; readonly pods?: readonly Pod[]; readonly want: readonly [type: string, reason: string, message?: string] | undefined }
const announced = { type: "FailureTarget", status: "True", reason: "DeadlineExceeded", message: "late" };
const verdicts: readonly VerdictCase[] = [
  { name: "nothing has happened", want: undefined },
  { name: "what is announced stands", status: { conditions: [announced] }, want: ["FailureTarget", "DeadlineExceeded", "late"] },
  { name: "one failure too many", spec: { backoffLimit: 1 }, status: { failed: 1 }, pods: [newPod("a", exited(1))], want: ["FailureTarget", "BackoffLimitExceeded", "Job has reached the specified backoff limit"] },
  { name: "as many failures as may be", spec: { backoffLimit: 1 }, pods: [newPod("a", exited(1))], want: undefined },
  { name: "a pod that was counted is not counted again", spec: { backoffLimit: 1 }, status: { failed: 1 }, pods: [newPod("a", exited(1), freed)], want: undefined },
  { name: "nor one that the status names", spec: { backoffLimit: 1 }, status: { uncountedTerminatedPods: { failed: ["a"] } }, pods: [newPod("a", exited(1))], want: undefined },
  { name: "restarts in place count", spec: { backoffLimit: 2, template: { spec: { containers: [], restartPolicy: "OnFailure" } } }, pods: [newPod("a", { phase: "Running", containerStatuses: [{ name: "c", image: "", imageID: "", ready: true, restartCount: 2 }] })], want: ["FailureTarget", "BackoffLimitExceeded"] },
  { name: "too late", spec: { activeDeadlineSeconds: 600 }, want: ["FailureTarget", "DeadlineExceeded", "Job was active longer than specified deadline"] },
  { name: "in time", spec: { activeDeadlineSeconds: 601 }, want: undefined },
  { name: "a suspended Job has time", spec: { activeDeadlineSeconds: 1, suspend: true }, want: undefined },
  { name: "the policy ends it", spec: { podFailurePolicy: { rules: [{ action: "FailJob", onExitCodes: { operator: "In", values: [3] } }] } }, pods: [newPod("a", exited(3))], want: ["FailureTarget", "PodFailurePolicy", "Container c for pod default/a failed with exit code 3 matching FailJob rule at index 0"] },
  { name: "the policy ignores it", spec: { backoffLimit: 0, podFailurePolicy: { rules: [{ action: "Ignore", onExitCodes: { operator: "In", values: [3] } }] } }, pods: [newPod("a", exited(3))], want: undefined },
  { name: "an index has failed, others may go on", spec: inIndexes({ completions: 2, backoffLimitPerIndex: 0, backoffLimit: 99 }), pods: [indexed("a", 0, exited(1))], want: undefined },
  { name: "all indexes are settled and one has failed", spec: inIndexes({ completions: 2, backoffLimitPerIndex: 0, backoffLimit: 99 }), status: { completedIndexes: "1" }, pods: [indexed("a", 0, exited(1))], want: ["FailureTarget", "FailedIndexes", "Job has failed indexes"] },
  { name: "too many indexes have failed", spec: inIndexes({ completions: 9, backoffLimitPerIndex: 0, backoffLimit: 99, maxFailedIndexes: 1 }), status: { failedIndexes: "4" }, pods: [indexed("a", 0, exited(1))], want: ["FailureTarget", "MaxFailedIndexesExceeded", "Job has exceeded the specified maximal number of failed indexes"] },
  { name: "the policy fails an index before its limit", spec: inIndexes({ completions: 1, backoffLimitPerIndex: 5, backoffLimit: 99, podFailurePolicy: { rules: [{ action: "FailIndex", onExitCodes: { operator: "In", values: [3] } }] } }), pods: [indexed("a", 0, exited(3))], want: ["FailureTarget", "FailedIndexes"] },
  { name: "a success policy is met", spec: inIndexes({ completions: 3, successPolicy: { rules: [{ succeededIndexes: "1" }] } }), pods: [indexed("a", 1, succeeded)], want: ["SuccessCriteriaMet", "SuccessPolicy", "Matched rules at index 0"] },
];
for (const { name, spec, status, pods = [], want } of verdicts) test(`verdict: ${name}`, () => {
  const job = newJob(spec, status);
  const verdict = verdictOf(job, survey(job, pods, undefined), now);
  assert.deepEqual(verdict && [verdict.type, verdict.reason, ...(want?.[2] === undefined ? [] : [verdict.message])], want);
});

test("a Job is complete when enough have succeeded and none runs", () => {
  const job = newJob({ completions: 2 });
  const all = survey(job, [newPod("a", succeeded), newPod("b", succeeded)], undefined);
  assert.deepEqual([completion(job, all, 0, now)?.reason, completion(job, all, 1, now), completion(newJob({ completions: 3 }), all, 0, now)], ["CompletionsReached", undefined, undefined]);
});

test("pods are named before they are let go, counted after, and then the Job is over", () => {
  const job = newJob({ completions: 1 }, { failed: 1, uncountedTerminatedPods: { failed: ["gone"] } });
  const pods = [newPod("a", succeeded), newPod("b", exited(1)), newPod("old", exited(1), freed)];
  const seen = survey(job, pods, undefined);
  const verdict = completion(job, seen, 0, now);
  assert(verdict !== undefined);
  const { status, release, full } = track(job, job.status, seen, verdict);
  assert.deepEqual([release.map((pod) => pod.metadata.name), full, status.failed, status.succeeded], [["a", "b"], false, 2, undefined]);
  assert.deepEqual(status.uncountedTerminatedPods, { succeeded: ["a"], failed: ["b"] });
  assert.equal(finished(status, verdict, now), undefined);
  const end = finished(settle(status, new Set()), verdict, now);
  assert.deepEqual([end?.succeeded, end?.failed, end?.uncountedTerminatedPods, end?.completionTime], [1, 3, {}, "2026-01-01T00:10:00Z"]);
  assert.deepEqual(end?.conditions?.map(({ type, reason }) => [type, reason]), [["SuccessCriteriaMet", "CompletionsReached"], ["Complete", "CompletionsReached"]]);
});

test("a failed pod whose finalizer could not be taken off stays named", () => {
  const status = settle({ uncountedTerminatedPods: { failed: ["a", "b"] } }, new Set(["b"]));
  assert.deepEqual([status.failed, status.uncountedTerminatedPods], [1, { failed: ["b"] }]);
});

test("pods of a Job that has failed count as failed, of one that has succeeded as nothing", () => {
  const job = newJob(inIndexes({ completions: 3 }));
  const seen = survey(job, [indexed("a", 0, running)], undefined);
  const ended = (type: "FailureTarget" | "SuccessCriteriaMet"): object | undefined => track(job, job.status, seen, { type, status: "True" }).status.uncountedTerminatedPods;
  assert.deepEqual([ended("FailureTarget"), ended("SuccessCriteriaMet")], [{ failed: ["a"] }, {}]);
});

test("a failed pod is held until its successor carries on its count", () => {
  const job = newJob(inIndexes({ parallelism: 1, completions: 1, backoffLimitPerIndex: 3 }));
  const failed = indexed("a", 0, exited(1, 60), { [indexFailures]: "1" });
  const release = (pods: readonly Pod[]): string[] => track(job, job.status, survey(job, pods, undefined), undefined).release.map(({ metadata }) => metadata.name);
  assert.deepEqual([release([failed]), release([failed, indexed("b", 0, running, { [indexFailures]: "2" })])], [[], ["a"]]);
  assert.equal(podTemplate(job, { index: 0, replaces: failed }).template.metadata?.annotations?.[indexFailures], "2");
});

test("a failure that is ignored is counted apart", () => {
  const job = newJob(inIndexes({ completions: 1, backoffLimitPerIndex: 3, podFailurePolicy: { rules: [{ action: "Ignore", onExitCodes: { operator: "In", values: [3] } }] } }));
  const annotations = podTemplate(job, { index: 0, replaces: indexed("a", 0, exited(3), { [indexFailures]: "1" }) }).template.metadata?.annotations;
  assert.deepEqual([annotations?.[indexFailures], annotations?.[ignoredIndexFailures]], ["1", "1"]);
});

test("a pod of an indexed Job knows its index", () => {
  const { template, generateName } = podTemplate(newJob(inIndexes({ completions: 9 })), { index: 7 });
  assert.deepEqual([template.metadata?.labels, template.metadata?.annotations, template.metadata?.finalizers, template.spec?.hostname, generateName], [{ [indexKey]: "7" }, { [indexKey]: "7" }, [trackingFinalizer], "work-7", "work-7-"]);
  assert.deepEqual(template.spec?.containers[0]?.env, [{ name: "JOB_COMPLETION_INDEX", valueFrom: { fieldRef: { fieldPath: `metadata.labels['${indexKey}']` } } }]);
});

test("a Job that rests has no start; one that goes on says so", () => {
  const rests = suspension(newJob({ suspend: true }), { startTime: "2026-01-01T00:00:00Z" }, now);
  assert.deepEqual([rests.startTime, rests.conditions?.map(({ type, status, reason }) => [type, status, reason])], [undefined, [["Suspended", "True", "JobSuspended"]]]);
  const resumed = suspension(newJob(), { ...rests, startTime: "2026-01-01T00:10:00Z" }, now);
  assert.deepEqual([resumed.startTime, resumed.conditions?.map(({ status, reason }) => [status, reason])], ["2026-01-01T00:10:00Z", [["False", "JobResumed"]]]);
});

test("failures before the last success are forgotten; what is remembered goes on", () => {
  const failed = [newPod("a", exited(1, 30)), newPod("b", exited(1, 10))];
  assert.equal(continued(undefined, [newPod("c", exited(0, 20))], failed).failures, 1);
  assert.equal(continued({ failures: 4, lastFailure: now }, [], failed).failures, 6);
  assert.deepEqual([remainingMs({ failures: 1, lastFailure: now }, now), remainingMs({ failures: 12, lastFailure: now }, now)], [10_000, 600_000]);
});
