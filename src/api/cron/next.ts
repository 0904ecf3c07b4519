/** When a schedule comes round. Upstream: github.com/robfig/cron/v3 SpecSchedule.Next, ConstantDelaySchedule.Next */
import type { Schedule, Times } from "./parse.ts";
import { wallTime, type WallTime } from "./time-zone.ts";

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;
/** A schedule that does not come round within five years (the 30th of February) never does. */
const horizon = 5 * 366 * day;

/**
 * The first time after `after`; undefined when there is none.
 * @param after milliseconds since 1970
 * @param zone whose clock counts, unless the schedule names one itself
 */
export function nextTime(schedule: Schedule, after: number, zone: string): number | undefined {
  if (schedule.kind === "every") return after - (after % second) + schedule.ms;
  const of = schedule.zone ?? zone;
  const end = after + horizon;
  let at = after - (after % minute) + minute;
  while (at <= end) {
    const wall = wallTime(at, of);
    if (!schedule.month.values.has(wall.month) || !dayFits(schedule, wall)) at = nextDay(at, wall, of);
    else if (!schedule.hour.values.has(wall.hour)) at += hour - wall.minute * minute;
    else if (!schedule.minute.values.has(wall.minute)) at += minute;
    else return at;
  }
  return undefined;
}

/** Of day and weekday both count when one was left open, either when both were given. */
function dayFits({ day: days, weekday }: Times, wall: WallTime): boolean {
  const [byDay, byWeekday] = [days.values.has(wall.day), weekday.values.has(wall.weekday)];
  return days.any || weekday.any ? byDay && byWeekday : byDay || byWeekday;
}

/** The next day's first minute, on days of 23, 24 or 25 hours. */
function nextDay(at: number, wall: WallTime, zone: string): number {
  let next = at + day - wall.hour * hour - wall.minute * minute;
  if (wallTime(next, zone).day === wall.day) next += hour; // a day of 25 hours
  const late = wallTime(next, zone);
  const first = next - late.hour * hour - late.minute * minute;
  return late.hour < 12 && wallTime(first, zone).day === late.day ? first : next;
}
