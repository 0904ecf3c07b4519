import type { Job, JobStatus } from "#api/gen/batch-v1.ts";
import { getCondition, isTrue } from "#api/conditions.ts";
import { timestamp } from "#apimachinery/time.ts";
import { isSuspended } from "./names.ts";
import { conditionOf } from "./verdict.ts";
import type { Told } from "../told.ts";

/** A Job starts when it is first seen and not suspended. */
export function started(job: Job, now: number): JobStatus {
  return job.status.startTime === undefined && !isSuspended(job) ? { ...job.status, startTime: timestamp(now) } : job.status;
}

/** The condition about suspension. A Job that rests has no start: its deadline counts anew from when it resumes. */
export function suspension(job: Job, status: JobStatus, now: number): JobStatus {
  const old = getCondition(status.conditions, "Suspended");
  const suspended = isSuspended(job);
  const { startTime, ...rest } = status;
  const started = suspended ? rest : { ...rest, ...(startTime !== undefined && { startTime }) };
  if (suspended === (old?.status === "True")) return started;
  const next = suspended ? conditionOf("Suspended", "True", "JobSuspended", "Job suspended", now) : conditionOf("Suspended", "False", "JobResumed", "Job resumed", now);
  const conditions = old === undefined ? [...(status.conditions ?? []), next] : (status.conditions ?? []).map((condition) => (condition === old ? next : condition));
  return { ...started, conditions };
}

/** What is told of a Job that has ended. Upstream: recordJobFinished */
export function endingEvents({ spec, status }: Job): readonly Told[] {
  const failure = getCondition(status.conditions, "Failed");
  if (failure !== undefined && !isTrue(status.conditions, "Complete")) return [{ type: "Warning", reason: failure.reason ?? "", message: failure.message ?? "" }];
  const tooMany = spec.completions !== undefined && (status.succeeded ?? 0) > spec.completions;
  return [
    ...(tooMany ? [{ type: "Warning", reason: "TooManySucceededPods", message: "Too many succeeded pods running after completion count reached" } as const] : []),
    { type: "Normal", reason: "Completed", message: "Job completed" },
  ];
}
