/** What Jobs write on their pods. Upstream: api/batch/v1 types.go */
import type { Job } from "#api/gen/batch-v1.ts";
import type { Pod } from "#api/gen/core-v1.ts";

/** Keeps a pod until it is counted. */
export const trackingFinalizer = "batch.kubernetes.io/job-tracking";
/** Annotation and label. */
export const indexKey = "batch.kubernetes.io/job-completion-index";
/** How often the pods of this index have failed before. */
export const indexFailures = "batch.kubernetes.io/job-index-failure-count";
export const ignoredIndexFailures = "batch.kubernetes.io/job-index-ignored-failure-count";
export const indexVariable = "JOB_COMPLETION_INDEX";
/** The value of `managedBy` that means this controller. */
const ownName = "kubernetes.io/job-controller";

/** Held until the Job has counted it. */
export const isTracked = ({ metadata }: Pod): boolean => metadata.finalizers?.includes(trackingFinalizer) === true;
export const isSuspended = ({ spec }: Job): boolean => spec.suspend === true;
/** Another controller looks after it. */
export const isForeign = ({ spec }: Job): boolean => spec.managedBy !== undefined && spec.managedBy !== ownName;

const number = (text: string | undefined): number | undefined => (text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined);

/** The index of a Job's pod; undefined for one that has none below the Job's completions. */
export function indexOf({ metadata }: Pod, { spec }: Job): number | undefined {
  const index = number(metadata.annotations?.[indexKey]);
  return index !== undefined && index < (spec.completions ?? 0) ? index : undefined;
}

/** Failures of a pod's index before this pod: those that count, and those that a policy has ignored. */
export const failuresBefore = ({ metadata }: Pod): { readonly counted: number; readonly ignored: number } =>
  ({ counted: number(metadata.annotations?.[indexFailures]) ?? 0, ignored: number(metadata.annotations?.[ignoredIndexFailures]) ?? 0 });
