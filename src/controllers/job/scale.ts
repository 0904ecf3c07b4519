/** Which pods a Job makes or removes. Upstream: pkg/controller/job/job_controller.go manageJob */
import type { Job } from "#api/gen/batch-v1.ts";
import type { Pod } from "#api/gen/core-v1.ts";
import { isIndexed } from "#api/job.ts";
import { isTerminating } from "#api/pod.ts";
import { cheapestFirst } from "../pod-order.ts";
import { remainingMs, remainingOfIndexMs } from "./backoff.ts";
import { IndexSet } from "./index-set.ts";
import { indexOf, isSuspended } from "./names.ts";
import type { Survey } from "./survey.ts";

/** A pod to make. */
export interface Wanted { readonly index?: number; /** The failed one whose place it takes. */ readonly replaces?: Pod }

export interface Scale {
  readonly create: readonly Wanted[];
  /** Not counted as failed: nobody waits for what they would have done. */
  readonly remove: readonly Pod[];
  /** Until pods may be made that are missing. */
  readonly waitMs?: number;
}

/** Pods that one round makes or removes. Upstream: MaxPodCreateDeletePerSync */
const burst = 500;
const nothing: Scale = { create: [], remove: [] };

/** Removes first, makes in a later round: never both in one. */
export function scale(job: Job, survey: Survey, now: number): Scale {
  const { active, terminating } = survey;
  if (isSuspended(job)) return { create: [], remove: active };
  const wanted = wantedActive(job, survey);
  const remove = surplus(job, active, Math.max(0, active.length - wanted)).slice(0, burst);
  if (remove.length > 0) return { create: [], remove };
  const missing = Math.min(burst, wanted - active.length - (job.spec.podReplacementPolicy === "Failed" ? terminating : 0));
  return missing > 0 ? additions(job, survey, missing, now) : nothing;
}

function wantedActive({ spec: { parallelism = 1, completions } }: Job, { succeeded, active }: Survey): number {
  if (completions === undefined) return succeeded > 0 ? active.length : parallelism;
  return Math.max(0, Math.min(completions - succeeded, parallelism));
}

function additions(job: Job, survey: Survey, missing: number, now: number): Scale {
  if (job.spec.backoffLimitPerIndex !== undefined) return perIndex(job, survey, missing, now);
  const waitMs = remainingMs(survey.backoff, now);
  if (waitMs > 0) return { ...nothing, waitMs };
  const create = isIndexed(job) ? pending(job, survey, missing).map((index) => ({ index })) : Array.from({ length: missing }, () => ({}));
  return { ...nothing, create };
}

/** Each index waits for itself. Upstream: getPodCreationInfoForIndependentIndexes */
function perIndex(job: Job, survey: Survey, missing: number, now: number): Scale {
  const candidates = pending(job, survey, missing).map((index) => ({ index, replaces: survey.indexes.awaiting.get(index) }));
  const waits = candidates.map(({ replaces }) => remainingOfIndexMs(replaces, now));
  const create = candidates.filter((_, i) => waits[i] === 0).map(({ index, replaces }) => ({ index, ...(replaces && { replaces }) }));
  const later = waits.filter((wait) => wait > 0);
  return { ...nothing, create, ...(later.length > 0 && { waitMs: Math.min(...later) }) };
}

/** The lowest indexes that nobody works on. Upstream: firstPendingIndexes */
function pending(job: Job, { active, pods, indexes: { succeeded, failed } }: Survey, count: number): readonly number[] {
  const busy = job.spec.podReplacementPolicy === "Failed" ? [...active, ...pods.filter(isTerminating)] : active;
  const taken = succeeded.union(IndexSet.of(busy.flatMap((pod) => indexOf(pod, job) ?? [])));
  return (failed === undefined ? taken : taken.union(failed)).missing(count, job.spec.completions ?? 0);
}

/** At least so many: the cheapest to lose, and every pod without an index of its own. Upstream: activePodsForRemoval */
function surplus(job: Job, active: readonly Pod[], atLeast: number): readonly Pod[] {
  const kept = new Map<number, Pod>();
  const dearestFirst = active.toSorted(cheapestFirst()).toReversed();
  if (isIndexed(job)) for (const pod of dearestFirst) {
    const index = indexOf(pod, job);
    if (index !== undefined && !kept.has(index)) kept.set(index, pod);
  }
  const left = isIndexed(job) ? dearestFirst.filter((pod) => kept.get(indexOf(pod, job) ?? -1) === pod) : dearestFirst;
  const staying = new Set(left);
  const remove = active.filter((pod) => !staying.has(pod));
  return [...remove, ...left.toReversed().slice(0, Math.max(0, atLeast - remove.length))];
}
