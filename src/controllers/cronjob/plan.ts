/** What a CronJob does now. Upstream: pkg/controller/cronjob/cronjob_controllerv2.go syncCronJob */
import type { CronJob, CronJobStatus, Job } from "#api/gen/batch-v1.ts";
import { parseSchedule } from "#api/cron/parse.ts";
import { isTimeZone } from "#api/cron/time-zone.ts";
import { isTrue } from "#api/conditions.ts";
import { quote } from "#apimachinery/quote.ts";
import { timestamp } from "#apimachinery/time.ts";
import { millis } from "../time.ts";
import { normal, type Told, warning } from "../told.ts";
import { due, untilNext } from "./schedule.ts";

export interface Decision {
  /** The time for which a Job is to be made, in milliseconds since 1970. */
  readonly start?: number;
  readonly told: readonly Told[];
  readonly againMs?: number;
}

export interface Books { readonly status: CronJobStatus; readonly told: readonly Told[] }

/** The end of a finished Job. */
const endOf = ({ status }: Job): "Complete" | "Failed" | undefined => (["Complete", "Failed"] as const).find((type) => isTrue(status.conditions, type));

/** What its Jobs' ends change in the status. @param gone names of active Jobs that are no longer there */
export function keepBooks({ status }: CronJob, children: readonly Job[], gone: ReadonlySet<string>): Books {
  const active = status.active ?? [];
  const told: Told[] = [];
  const ended = new Set<string>();
  let { lastSuccessfulTime } = status;
  for (const job of children) {
    const end = endOf(job);
    const listed = active.some(({ uid }) => uid === job.metadata.uid);
    if (end === undefined && !listed) told.push(warning("UnexpectedJob", `Saw a job that the controller did not create or forgot: ${job.metadata.name}`));
    if (end !== undefined && listed) {
      ended.add(job.metadata.uid ?? "");
      told.push(normal("SawCompletedJob", `Saw completed job: ${job.metadata.name}, condition: ${end}`));
    }
    const { completionTime } = job.status;
    if (end === "Complete" && completionTime !== undefined && millis(completionTime) > millis(lastSuccessfulTime)) lastSuccessfulTime = completionTime;
  }
  for (const name of gone) told.push(normal("MissingJob", `Active job went missing: ${name}`));
  return { told, status: { ...status, active: active.filter(({ uid = "", name = "" }) => !ended.has(uid) && !gone.has(name)), ...(lastSuccessfulTime !== undefined && { lastSuccessfulTime }) } };
}

/** Whether a Job is to be made, and if not, why not. @param cronJob with its books kept */
export function decide(cronJob: CronJob, now: number): Decision {
  const { schedule: text, timeZone, suspend } = cronJob.spec;
  if (cronJob.metadata.deletionTimestamp !== undefined) return { told: [] };
  if (timeZone !== undefined && !isTimeZone(timeZone)) return { told: [warning("UnknownTimeZone", `invalid timeZone: ${quote(timeZone)}: unknown time zone ${timeZone}`)] };
  if (suspend === true) return { told: [] };
  const parsed = parseSchedule(text);
  if (!parsed.ok) return { told: [warning("UnparseableSchedule", `unparseable schedule: ${quote(text)} : ${parsed.problem}`)] };
  const last = due(cronJob, parsed.schedule, now);
  if (last === undefined) return { told: [warning("InvalidSchedule", `invalid schedule: ${text} : time difference between two schedules is less than 1 second`)] };
  const wait = untilNext(cronJob, parsed.schedule, now);
  const { at, told } = startable(cronJob, last.at, now);
  const missed = at !== undefined && last.manyMissed ? [warning("TooManyMissedTimes", "too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew")] : [];
  return { told: [...missed, ...told], ...(at !== undefined && { start: at }), ...(wait !== undefined && { againMs: wait }) };
}

/** The time that is due, unless it is too late, done, or another Job stands in the way. */
function startable(cronJob: CronJob, at: number | undefined, now: number): { readonly at?: number; readonly told: readonly Told[] } {
  const { spec: { startingDeadlineSeconds, concurrencyPolicy }, status: { active = [], lastScheduleTime } } = cronJob;
  if (at === undefined) return { told: [] };
  if (startingDeadlineSeconds !== undefined && at + startingDeadlineSeconds * 1000 < now) return { told: [warning("MissSchedule", `Missed scheduled time to start a job: ${new Date(at).toUTCString().replace("GMT", "UTC")}`)] };
  if (lastScheduleTime === timestamp(at) || active.some(({ name }) => name === jobName(cronJob, at))) return { told: [] };
  if (concurrencyPolicy === "Forbid" && active.length > 0) return { told: [normal("JobAlreadyActive", "Not starting job because prior execution is running and concurrency policy is Forbid")] };
  return { at, told: [] };
}

/** The same for the same time, so that a run is not made twice. */
export const jobName = ({ metadata }: CronJob, at: number): string => `${metadata.name}-${Math.floor(at / 60_000)}`;

/** Finished Jobs beyond the history's limits, the oldest. */
export function forgotten({ spec }: CronJob, children: readonly Job[]): readonly Job[] {
  const startOf = ({ status }: Job): number => (status.startTime === undefined ? Number.MAX_SAFE_INTEGER : millis(status.startTime));
  const beyond = (end: "Complete" | "Failed", limit: number | undefined): readonly Job[] => {
    const ended = children.filter((job) => endOf(job) === end);
    const oldestFirst = ended.toSorted((a, b) => startOf(a) - startOf(b) || (a.metadata.name < b.metadata.name ? -1 : 1));
    return limit === undefined ? [] : oldestFirst.slice(0, Math.max(0, ended.length - limit));
  };
  return [...beyond("Complete", spec.successfulJobsHistoryLimit), ...beyond("Failed", spec.failedJobsHistoryLimit)];
}
