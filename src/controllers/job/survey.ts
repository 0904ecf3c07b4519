/** How a Job's pods stand. Upstream: pkg/controller/job/job_controller.go syncJob, indexed_job_utils.go */
import type { Job } from "#api/gen/batch-v1.ts";
import type { Pod } from "#api/gen/core-v1.ts";
import { isIndexed } from "#api/job.ts";
import { isActive, isPodReady, isTerminating } from "#api/pod.ts";
import { continued, finishedAt, type Backoff } from "./backoff.ts";
import { rule } from "./failure-policy.ts";
import { IndexSet } from "./index-set.ts";
import { failuresBefore, indexOf, isTracked } from "./names.ts";

export interface Survey {
  readonly pods: readonly Pod[];
  readonly active: readonly Pod[];
  readonly ready: number;
  readonly terminating: number;
  /** Counted before, or about to be. */
  readonly succeeded: number;
  readonly failed: number;
  readonly backoff: Backoff;
  readonly indexes: Indexes;
}

/** All empty for a Job without indexes. */
export interface Indexes {
  readonly counted: IndexSet;
  readonly succeeded: IndexSet;
  /** Kept only where there is a limit per index. */
  readonly failed: IndexSet | undefined;
  /** By index, the failed pod that waits for its successor, which takes over its count of failures. */
  readonly awaiting: ReadonlyMap<number, Pod>;
}

/** Pods that are going count as failed, unless they are to be replaced only when they are gone. Upstream: isPodFailed */
export function hasFailed(pod: Pod, { spec }: Job): boolean {
  const { phase } = pod.status;
  return phase === "Failed" || (spec.podReplacementPolicy !== "Failed" && pod.metadata.deletionTimestamp !== undefined && phase !== "Succeeded");
}

/** @param before what is remembered of earlier failures; without memory the pods themselves tell */
export function survey(job: Job, pods: readonly Pod[], before: Backoff | undefined): Survey {
  const { succeeded: oldSucceeded = [], failed: oldFailed = [] } = job.status.uncountedTerminatedPods ?? {};
  const valid = pods.filter((pod) => !isIndexed(job) || indexOf(pod, job) !== undefined);
  const isNew = (pod: Pod, known: readonly string[]): boolean => isTracked(pod) && !known.includes(pod.metadata.uid ?? "");
  const succeeded = valid.filter((pod) => pod.status.phase === "Succeeded");
  const failed = valid.filter((pod) => hasFailed(pod, job));
  const newSucceeded = succeeded.filter((pod) => isNew(pod, oldSucceeded));
  const newFailed = failed.filter((pod) => isNew(pod, oldFailed));
  const active = pods.filter(isActive);
  const indexes = indexesOf(job, pods, active);
  return {
    pods, active, indexes, ready: active.filter(isPodReady).length, terminating: pods.filter(isTerminating).length,
    succeeded: isIndexed(job) ? indexes.succeeded.size : (job.status.succeeded ?? 0) + newSucceeded.length + oldSucceeded.length,
    failed: (job.status.failed ?? 0) + newFailed.filter((pod) => rule(job, pod).counts).length + oldFailed.length,
    backoff: before === undefined ? continued(undefined, succeeded, failed) : continued(before, newSucceeded, newFailed),
  };
}

function indexesOf(job: Job, pods: readonly Pod[], active: readonly Pod[]): Indexes {
  const { completions = 0, backoffLimitPerIndex } = job.spec;
  if (!isIndexed(job)) return { counted: IndexSet.of([]), succeeded: IndexSet.of([]), failed: undefined, awaiting: new Map() };
  const tracked = pods.filter(isTracked);
  const of = (list: readonly Pod[]): IndexSet => IndexSet.of(list.flatMap((pod) => indexOf(pod, job) ?? []));
  const counted = IndexSet.parse(job.status.completedIndexes, completions);
  const succeeded = counted.union(of(tracked.filter((pod) => pod.status.phase === "Succeeded")));
  if (backoffLimitPerIndex === undefined) return { counted, succeeded, failed: undefined, awaiting: new Map() };
  const failed = IndexSet.parse(job.status.failedIndexes, completions).union(of(tracked.filter((pod) => failsIndex(pod, job, backoffLimitPerIndex))));
  const settled = succeeded.union(failed).union(of(active));
  return { counted, succeeded, failed, awaiting: awaiting(job, tracked.filter((pod) => hasFailed(pod, job)), settled) };
}

/** Upstream: isIndexFailed */
function failsIndex(pod: Pod, job: Job, limit: number): boolean {
  if (!hasFailed(pod, job)) return false;
  const { action, counts } = rule(job, pod);
  return action === "FailIndex" || (counts && failuresBefore(pod).counted >= limit);
}

/** The last failed pod of each index that is neither settled nor tried again. Upstream: getPodsWithDelayedDeletionPerIndex */
function awaiting(job: Job, failed: readonly Pod[], settled: IndexSet): ReadonlyMap<number, Pod> {
  const last = new Map<number, Pod>();
  const failures = (pod: Pod): number => failuresBefore(pod).counted + failuresBefore(pod).ignored;
  for (const pod of failed) {
    const index = indexOf(pod, job);
    if (index === undefined || settled.has(index)) continue;
    const other = last.get(index);
    if (other === undefined || (failures(other) <= failures(pod) && finishedAt(other) <= finishedAt(pod))) last.set(index, pod);
  }
  return last;
}
