/** What a Job's controller may report. Upstream: pkg/apis/batch/validation validateJobStatus, pkg/registry/batch/job getStatusValidationOptions */
import type { Job, JobStatus } from "#api/gen/batch-v1.ts";
import { isTrue } from "#api/conditions.ts";
import { isIndexed, isJobFinished } from "#api/job.ts";
import { semanticEqual } from "#apimachinery/equal.ts";
import type { Cause } from "#apimachinery/status.ts";
import { duplicate, invalidUnshown, invalidValue, nonNegative, required } from "#apimachinery/validation/causes.ts";
import { countIndexes, overlap } from "./indexes.ts";

/** A rule over the new status, asked only when one of these facts has changed: old sins do not hold up other news. */
type Fact = "finished" | "complete" | "failed" | "failureTarget" | "completedIndexes" | "failedIndexes" | "active" | "startTime" | "completionTime" | "uncountedTerminatedPods";
interface Rule { readonly when: readonly Fact[]; readonly check: (job: Job) => Cause | undefined }

const has = ({ status }: Job, type: string): boolean => isTrue(status.conditions, type);
const millis = (time: string | undefined): number => Date.parse(time ?? "");

const facts: Readonly<Record<Fact, (job: Job) => unknown>> = {
  finished: isJobFinished, complete: (job) => has(job, "Complete"), failed: (job) => has(job, "Failed"), failureTarget: (job) => has(job, "FailureTarget"),
  completedIndexes: ({ status }) => status.completedIndexes ?? "", failedIndexes: ({ status }) => status.failedIndexes, active: ({ status }) => status.active ?? 0,
  startTime: ({ status }) => status.startTime, completionTime: ({ status }) => status.completionTime, uncountedTerminatedPods: ({ status }) => status.uncountedTerminatedPods,
};

const conditions = (detail: string): Cause => invalidUnshown("status.conditions", detail);
const onlyIf = (broken: boolean, cause: () => Cause): Cause | undefined => (broken ? cause() : undefined);

const rules: readonly Rule[] = [
  { when: ["complete", "failed"], check: (job) => onlyIf(has(job, "Complete") && has(job, "Failed"), () => conditions("cannot set Complete=True and Failed=true conditions")) },
  { when: ["complete", "failureTarget"], check: (job) => onlyIf(has(job, "Complete") && has(job, "FailureTarget"), () => conditions("cannot set Complete=True and FailureTarget=true conditions")) },
  {
    when: ["complete", "completionTime"],
    check: (job) => onlyIf(job.status.completionTime !== undefined && !has(job, "Complete"), () => invalidValue("status.completionTime", job.status.completionTime, "cannot set completionTime when there is no Complete=True condition")),
  },
  {
    when: ["complete", "completionTime"],
    check: (job) => onlyIf(job.status.completionTime === undefined && has(job, "Complete"), () => required("status.completionTime", "completionTime is required for Complete jobs")),
  },
  {
    when: ["startTime", "completionTime"],
    check: ({ status }) => onlyIf(millis(status.completionTime) < millis(status.startTime), () => invalidValue("status.completionTime", status.completionTime, "completionTime cannot be set before startTime")),
  },
  { when: ["finished", "active"], check: (job) => onlyIf(isJobFinished(job) && (job.status.active ?? 0) > 0, () => invalidValue("status.active", job.status.active, "active>0 is invalid for finished job")) },
  { when: ["finished", "startTime"], check: (job) => onlyIf(isJobFinished(job) && job.status.startTime === undefined, () => required("status.startTime", "startTime is required for finished job")) },
  {
    when: ["finished", "uncountedTerminatedPods"],
    check: (job) => onlyIf(isJobFinished(job) && uncounted(job.status).length > 0, () => invalidValue("status.uncountedTerminatedPods", job.status.uncountedTerminatedPods, "uncountedTerminatedPods needs to be empty for finished job")),
  },
  { when: ["completedIndexes"], check: ({ spec, status }) => (spec.completions === undefined ? undefined : malformed("completedIndexes", status.completedIndexes ?? "", spec.completions)) },
  {
    when: ["failedIndexes"],
    check: ({ spec, status }) => (spec.completions === undefined || spec.backoffLimitPerIndex === undefined ? undefined : malformed("failedIndexes", status.failedIndexes ?? "", spec.completions)),
  },
  { when: ["completedIndexes"], check: (job) => onlyIf(!isIndexed(job) && !!job.status.completedIndexes, () => invalidValue("status.completedIndexes", job.status.completedIndexes, "cannot set non-empty completedIndexes when non-indexed completion mode")) },
  {
    when: ["failedIndexes"],
    check: ({ spec, status }) => onlyIf(spec.backoffLimitPerIndex === undefined && status.failedIndexes !== undefined, () => invalidValue("status.failedIndexes", status.failedIndexes, "cannot set non-null failedIndexes when backoffLimitPerIndex is null")),
  },
  { when: ["failedIndexes", "completedIndexes"], check: disjoint },
];

function malformed(name: "completedIndexes" | "failedIndexes", text: string, completions: number): Cause | undefined {
  const counted = countIndexes(text, completions);
  return counted.ok ? undefined : invalidValue(`status.${name}`, text, `error parsing ${name}: ${counted.problem}`);
}

function disjoint({ spec: { completions }, status: { completedIndexes = "", failedIndexes } }: Job): Cause | undefined {
  if (completions === undefined || failedIndexes === undefined) return undefined;
  const both = overlap(completedIndexes, failedIndexes, completions);
  return both === undefined ? undefined : invalidValue("status.failedIndexes", failedIndexes, `failedIndexes and completedIndexes overlap at index: ${both}`);
}

/** Every uid with its path. */
const uncounted = ({ uncountedTerminatedPods: pods = {} }: JobStatus): readonly { readonly uid: string; readonly field: string }[] =>
  (["succeeded", "failed"] as const).flatMap((name) => (pods[name] ?? []).map((uid, i) => ({ uid, field: `status.uncountedTerminatedPods.${name}[${i}]` })));

function validateUncounted(status: JobStatus): readonly Cause[] {
  const all = uncounted(status);
  return all.flatMap(({ uid, field }, i) => (uid === "" ? [invalidValue(field, uid, "must not be empty")] : all.findIndex((other) => other.uid === uid) < i ? [duplicate(field, uid)] : []));
}

function validateSuccess(job: Job): readonly Cause[] {
  if (!has(job, "SuccessCriteriaMet")) {
    return job.spec.successPolicy !== undefined && has(job, "Complete") ? [conditions("cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True")] : [];
  }
  return (["Failed", "FailureTarget"] as const).flatMap((type) => (has(job, type) ? [conditions(`cannot set SuccessCriteriaMet=True and ${type}=true conditions`)] : []));
}

/** What has been said and cannot be unsaid. Upstream: ValidateJobStatusUpdate */
function validateChange(next: Job, old: Job): readonly Cause[] {
  const { status } = next;
  const was = old.status;
  const fewer = (name: "failed" | "succeeded"): readonly Cause[] =>
    ((status[name] ?? 0) < (was[name] ?? 0) ? [invalidValue(`status.${name}`, status[name] ?? 0, `cannot decrease the ${name} counter`)] : []);
  const elastic = isIndexed(next) && next.spec.completions === next.spec.parallelism;
  const moved = status.completionTime !== undefined && was.completionTime !== undefined && status.completionTime !== was.completionTime;
  const restarted = was.startTime !== undefined && was.startTime !== status.startTime && next.spec.suspend !== true;
  const late = has(old, "Complete") && !has(old, "SuccessCriteriaMet") && has(next, "SuccessCriteriaMet");
  return [
    ...["Failed", "Complete", "FailureTarget"].flatMap((type) => (has(old, type) && !has(next, type) ? [conditions(`cannot disable the terminal ${type}=True condition`)] : [])),
    ...fewer("failed"), ...(elastic ? [] : fewer("succeeded")),
    ...(moved ? [invalidValue("status.completionTime", status.completionTime, "completionTime cannot be mutated")] : []),
    ...(restarted ? [required("status.startTime", "startTime cannot be removed for unsuspended job")] : []),
    ...(has(old, "SuccessCriteriaMet") && !has(next, "SuccessCriteriaMet") ? [conditions("cannot disable the SuccessCriteriaMet=True condition")] : []),
    ...(late ? [conditions("cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions")] : []),
  ];
}

export function validateJobStatus(next: Job, old: Job): readonly Cause[] {
  const changed = (fact: Fact): boolean => !semanticEqual(facts[fact](next), facts[fact](old));
  return [
    ...(["active", "succeeded", "failed", "ready", "terminating"] as const).flatMap((name) => nonNegative(`status.${name}`, next.status[name])),
    ...validateUncounted(next.status),
    ...rules.filter(({ when }) => when.some(changed)).flatMap(({ check }) => check(next) ?? []),
    ...validateSuccess(next),
    ...validateChange(next, old),
  ];
}
