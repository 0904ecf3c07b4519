/** Whether a Job is over, and why. Upstream: pkg/controller/job/job_controller.go syncJob */
import type { Job, JobCondition } from "#api/gen/batch-v1.ts";
import { getCondition } from "#api/conditions.ts";
import { isIndexed } from "#api/job.ts";
import { timestamp } from "#apimachinery/time.ts";
import { millis } from "../time.ts";
import { rule } from "./failure-policy.ts";
import { isSuspended } from "./names.ts";
import { metRule } from "./success-policy.ts";
import { hasFailed, type Survey } from "./survey.ts";

/** The condition that announces the end: SuccessCriteriaMet or FailureTarget. Complete or Failed follows when the last pod is counted and gone. */
export type Verdict = JobCondition & { readonly type: "SuccessCriteriaMet" | "FailureTarget" };

export const conditionOf = <T extends string>(type: T, status: "True" | "False", reason: string, message: string, now: number): JobCondition & { type: T } =>
  ({ type, status, lastProbeTime: timestamp(now), lastTransitionTime: timestamp(now), reason, message });

/** What was announced stands; otherwise the first reason to end, if there is one. */
export function verdictOf(job: Job, survey: Survey, now: number): Verdict | undefined {
  for (const type of ["SuccessCriteriaMet", "FailureTarget"] as const) {
    const announced = getCondition(job.status.conditions, type);
    if (announced?.status === "True") return { ...announced, type };
  }
  const failure = failureOf(job, survey, now);
  if (failure !== undefined) return conditionOf("FailureTarget", "True", failure.reason, failure.message, now);
  const met = isIndexed(job) ? metRule(job, survey.indexes.succeeded) : undefined;
  return met === undefined ? undefined : conditionOf("SuccessCriteriaMet", "True", "SuccessPolicy", met, now);
}

/** @param active pods that are left when this round's are made or removed */
export function completion({ spec: { completions } }: Job, { succeeded }: Survey, active: number, now: number): Verdict | undefined {
  const reached = completions === undefined ? succeeded > 0 : succeeded >= completions;
  return reached && active === 0 ? conditionOf("SuccessCriteriaMet", "True", "CompletionsReached", "Reached expected number of succeeded pods", now) : undefined;
}

interface Failure { readonly reason: string; readonly message: string }

function failureOf(job: Job, survey: Survey, now: number): Failure | undefined {
  const fatal = survey.pods.filter((pod) => hasFailed(pod, job)).map((pod) => rule(job, pod).message).find((message) => message !== undefined);
  if (fatal !== undefined) return { reason: "PodFailurePolicy", message: fatal };
  if (survey.failed > (job.spec.backoffLimit ?? 0) || restartsExceeded(job, survey)) return { reason: "BackoffLimitExceeded", message: "Job has reached the specified backoff limit" };
  if (deadlineMs(job, now) === 0) return { reason: "DeadlineExceeded", message: "Job was active longer than specified deadline" };
  return indexFailure(job, survey);
}

function indexFailure({ spec: { maxFailedIndexes, completions = 0 } }: Job, { indexes: { failed, succeeded } }: Survey): Failure | undefined {
  if (failed === undefined) return undefined;
  if (maxFailedIndexes !== undefined && failed.size > maxFailedIndexes) return { reason: "MaxFailedIndexesExceeded", message: "Job has exceeded the specified maximal number of failed indexes" };
  return failed.size > 0 && failed.size + succeeded.size >= completions ? { reason: "FailedIndexes", message: "Job has failed indexes" } : undefined;
}

/** Containers that a node restarts in place count as well. Upstream: pastBackoffLimitOnFailure */
function restartsExceeded({ spec: { template, backoffLimit = 0 } }: Job, { pods }: Survey): boolean {
  if (template.spec?.restartPolicy !== "OnFailure") return false;
  const running = pods.filter(({ status: { phase } }) => phase === "Running" || phase === "Pending");
  const restarts = running.flatMap(({ status }) => [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])]).reduce((sum, { restartCount }) => sum + restartCount, 0);
  return restarts >= Math.max(backoffLimit, 1);
}

/** Milliseconds until a Job has been active for too long: 0 when it has, undefined when it may be for ever. */
export function deadlineMs(job: Job, now: number): number | undefined {
  const { spec: { activeDeadlineSeconds }, status: { startTime } } = job;
  if (activeDeadlineSeconds === undefined || startTime === undefined || isSuspended(job)) return undefined;
  return Math.max(0, millis(startTime) + activeDeadlineSeconds * 1000 - now);
}
