/** When a CronJob is due. Upstream: pkg/controller/cronjob/utils.go mostRecentScheduleTime, nextScheduleTimeDuration */
import type { CronJob } from "#api/gen/batch-v1.ts";
import { nextTime } from "#api/cron/next.ts";
import type { Schedule } from "#api/cron/parse.ts";
import { localZone } from "#api/cron/time-zone.ts";
import { millis } from "../time.ts";

/** What lies between the last run and now, in milliseconds since 1970. */
export interface Due {
  /** The last time that has come; undefined when none has. */
  readonly at: number | undefined;
  /** More than a hundred have been missed: something is wrong with the clock, or nobody was there for long. */
  readonly manyMissed: boolean;
}

const tooMany = 100;
/** A run comes a little late rather than a little early. Upstream: nextScheduleDelta */
const paddingMs = 100;

const zoneOf = ({ spec }: CronJob): string => spec.timeZone ?? localZone();
const lastRun = ({ metadata, status }: CronJob): number => millis(status.lastScheduleTime ?? metadata.creationTimestamp);

/** The most recent time for which no run was made; undefined for a schedule that never comes round. */
export function due(cronJob: CronJob, schedule: Schedule, now: number): Due | undefined {
  const { startingDeadlineSeconds } = cronJob.spec;
  const after = startingDeadlineSeconds === undefined ? lastRun(cronJob) : Math.max(lastRun(cronJob), now - startingDeadlineSeconds * 1000);
  const first = nextTime(schedule, after, zoneOf(cronJob));
  const second = first === undefined ? undefined : nextTime(schedule, first, zoneOf(cronJob));
  if (first === undefined || second === undefined) return undefined;
  if (now < first) return { at: undefined, manyMissed: false };
  if (now < second) return { at: first, manyMissed: false };
  const interval = second - first;
  const missed = Math.trunc((now - first) / interval) + 1;
  return { at: latest(schedule, first, interval, now, zoneOf(cronJob)) ?? second, manyMissed: missed > tooMany };
}

/** The last time that has come, without a walk through all of them: looked for in windows that grow into the past. */
function latest(schedule: Schedule, first: number, interval: number, now: number, zone: string): number | undefined {
  const steps = Math.trunc((now - first) / interval);
  // `@every` counts on from where it begins: a window begins at one of its times
  for (let back = 1; ; back *= 2) {
    const from = first + Math.max(0, steps - back) * interval;
    let found: number | undefined;
    for (let at = nextTime(schedule, from, zone); at !== undefined && at <= now; at = nextTime(schedule, at, zone)) found = at;
    if (found !== undefined || from === first) return found;
  }
}

/** Milliseconds until the next run; undefined when there is none. */
export function untilNext(cronJob: CronJob, schedule: Schedule, now: number): number | undefined {
  const next = nextTime(schedule, Math.max(now, lastRun(cronJob)), zoneOf(cronJob));
  return next === undefined ? undefined : next + paddingMs - now;
}
