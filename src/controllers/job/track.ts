/** How ended pods are counted once each, whatever is interrupted. Upstream: pkg/controller/job/job_controller.go trackJobStatusAndRemoveFinalizers */
import type { Job, JobStatus } from "#api/gen/batch-v1.ts";
import type { Pod } from "#api/gen/core-v1.ts";
import { getCondition, isTrue } from "#api/conditions.ts";
import { isIndexed } from "#api/job.ts";
import { timestamp } from "#apimachinery/time.ts";
import { rule } from "./failure-policy.ts";
import { IndexSet } from "./index-set.ts";
import { indexOf, isTracked } from "./names.ts";
import { hasFailed, type Survey } from "./survey.ts";
import { conditionOf, type Verdict } from "./verdict.ts";

/** Uids that a status names at once. Upstream: MaxUncountedPods */
const maxUncounted = 500;

export interface Tracked {
  /** Names the pods to be counted. Written before their finalizers go. */
  readonly status: JobStatus;
  /** Their finalizers may go then. */
  readonly release: readonly Pod[];
  /** More are to come in the next round. */
  readonly full: boolean;
}

/**
 * The first of two steps: pods that have ended are named in the status while their finalizers still hold them.
 * @param status as it is known by now, with this round's counts of active pods
 */
export function track(job: Job, status: JobStatus, survey: Survey, verdict: Verdict | undefined): Tracked {
  const settled = settle(status, new Set(survey.pods.filter(isTracked).map(({ metadata }) => metadata.uid ?? "")));
  const uncounted = { succeeded: [...(settled.uncountedTerminatedPods?.succeeded ?? [])], failed: [...(settled.uncountedTerminatedPods?.failed ?? [])] };
  const done: number[] = [];
  const release: Pod[] = [];
  const named = (): number => done.length + uncounted.succeeded.length + uncounted.failed.length;
  for (const pod of inOrder(job, survey.pods)) {
    if (!isTracked(pod) || !mayGo(job, pod, survey, verdict)) continue;
    release.push(pod);
    const uid = pod.metadata.uid ?? "";
    const index = indexOf(pod, job);
    if (pod.status.phase === "Succeeded" && !uncounted.failed.includes(uid)) {
      if (!isIndexed(job)) uncounted.succeeded.push(...(uncounted.succeeded.includes(uid) ? [] : [uid]));
      else if (index !== undefined && !survey.indexes.counted.has(index)) done.push(index);
    } else if ((hasFailed(pod, job) || verdict?.type === "FailureTarget") && (!isIndexed(job) || index !== undefined) && !uncounted.failed.includes(uid) && rule(job, pod).counts) uncounted.failed.push(uid);
    if (named() >= maxUncounted) break;
  }
  const next: JobStatus = { ...settled, uncountedTerminatedPods: namesOf(uncounted.succeeded, uncounted.failed) };
  return { status: announced(isIndexed(job) ? withIndexes(next, survey, done) : next, verdict), release, full: named() >= maxUncounted };
}

/** The second step: pods that are named and no longer held are numbers. @param held uids of pods that still have the finalizer */
export function settle(status: JobStatus, held: ReadonlySet<string>): JobStatus {
  const { succeeded = [], failed = [] } = status.uncountedTerminatedPods ?? {};
  const left = { succeeded: succeeded.filter((uid) => held.has(uid)), failed: failed.filter((uid) => held.has(uid)) };
  return {
    ...status, uncountedTerminatedPods: namesOf(left.succeeded, left.failed),
    ...count("succeeded", (status.succeeded ?? 0) + succeeded.length - left.succeeded.length),
    ...count("failed", (status.failed ?? 0) + failed.length - left.failed.length),
  };
}

/** The final condition, once no pod is uncounted or on its way out; undefined until then. Upstream: enactJobFinished */
export function finished(status: JobStatus, verdict: Verdict, now: number): JobStatus | undefined {
  const { succeeded = [], failed = [] } = status.uncountedTerminatedPods ?? {};
  if (succeeded.length + failed.length + (status.terminating ?? 0) > 0) return undefined;
  const type = verdict.type === "FailureTarget" ? "Failed" : "Complete";
  const conditions = [...(status.conditions ?? []), conditionOf(type, "True", verdict.reason ?? "", verdict.message ?? "", now)];
  return { ...status, conditions, startTime: status.startTime ?? timestamp(now), ...(type === "Complete" && { completionTime: timestamp(now) }) };
}

/** A count of zero is left out. */
export const count = (name: "active" | "succeeded" | "failed", value: number): Partial<JobStatus> => ({ [name]: value > 0 ? value : undefined });

const namesOf = (succeeded: string[], failed: string[]): NonNullable<JobStatus["uncountedTerminatedPods"]> => ({ ...(succeeded.length > 0 && { succeeded }), ...(failed.length > 0 && { failed }) });

const inOrder = (job: Job, pods: readonly Pod[]): readonly Pod[] => (isIndexed(job) ? pods.toSorted((a, b) => (indexOf(a, job) ?? -1) - (indexOf(b, job) ?? -1)) : pods);

/** Upstream: canRemoveFinalizer */
function mayGo(job: Job, pod: Pod, { indexes: { awaiting } }: Survey, verdict: Verdict | undefined): boolean {
  if (job.metadata.deletionTimestamp !== undefined || verdict !== undefined || pod.status.phase === "Succeeded") return true;
  return hasFailed(pod, job) && awaiting.get(indexOf(pod, job) ?? -1) !== pod;
}

function withIndexes(status: JobStatus, { indexes: { succeeded, failed } }: Survey, done: readonly number[]): JobStatus {
  const all = succeeded.union(IndexSet.of(done));
  const text = all.toString();
  const { completedIndexes: _, ...others } = status;
  return { ...others, ...count("succeeded", all.size), ...(text !== "" && { completedIndexes: text }), ...(failed && { failedIndexes: failed.toString() }) };
}

function announced(status: JobStatus, verdict: Verdict | undefined): JobStatus {
  if (verdict === undefined || isTrue(status.conditions, verdict.type)) return status;
  const others = (status.conditions ?? []).filter((condition) => condition !== getCondition(status.conditions, verdict.type));
  return { ...status, conditions: [...others, verdict] };
}
