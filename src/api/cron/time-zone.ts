/** Time zones by their IANA names. */

const formats = new Map<string, Intl.DateTimeFormat>();

/** Throws RangeError for an unknown zone. */
function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat("en-US", { timeZone: zone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric" });
  formats.set(zone, format);
  return format;
}

/** Whether the name is a zone's. */
export function isTimeZone(name: string): boolean {
  try {
    return formatOf(name) !== undefined;
  } catch {
    return false;
  }
}

export interface WallTime { readonly year: number; /** From 1. */ readonly month: number; readonly day: number; readonly hour: number; readonly minute: number; readonly second: number; /** From 0, Sunday. */ readonly weekday: number }

/** No zone's clock has been set but at a quarter of an hour, for longer than there are schedules. */
const quarterMs = 900_000;
const mostOffsets = 10_000;
/** By zone and quarter: a schedule is walked minute by minute, and asking for each is slow. */
const offsets = new Map<string, number>();

/** By how much the zone's clock is ahead of UTC. */
function offsetMs(ms: number, zone: string): number {
  const quarter = Math.floor(ms / quarterMs);
  const key = `${zone} ${quarter}`;
  const known = offsets.get(key);
  if (known !== undefined) return known;
  if (offsets.size >= mostOffsets) offsets.clear();
  const found = wallMs(quarter * quarterMs, zone) - quarter * quarterMs;
  offsets.set(key, found);
  return found;
}

/** The clock on the wall, read as if it showed UTC. */
function wallMs(ms: number, zone: string): number {
  const parts = Object.fromEntries(formatOf(zone).formatToParts(ms).map(({ type, value }) => [type, Number(value)]));
  const { year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

/** What a clock on the wall shows. @param ms since 1970. Throws RangeError for an unknown zone. */
export function wallTime(ms: number, zone: string): WallTime {
  const wall = new Date(ms + offsetMs(ms, zone));
  return { year: wall.getUTCFullYear(), month: wall.getUTCMonth() + 1, day: wall.getUTCDate(), hour: wall.getUTCHours(), minute: wall.getUTCMinutes(), second: wall.getUTCSeconds(), weekday: wall.getUTCDay() };
}

/** The zone of this machine, for schedules that name none. */
export const localZone = (): string => new Intl.DateTimeFormat().resolvedOptions().timeZone;

/** RFC 3339 as a clock on the wall would write it: `2026-01-02T03:04:05+09:00`. @param ms since 1970 */
export function zonedTimestamp(ms: number, zone: string): string {
  const wall = Math.floor(ms / 1000) * 1000 + offsetMs(ms, zone);
  const offset = Math.round(offsetMs(ms, zone) / 60_000);
  const two = (value: number): string => String(Math.abs(value)).padStart(2, "0");
  return `${new Date(wall).toISOString().slice(0, 19)}${offset === 0 ? "Z" : `${offset < 0 ? "-" : "+"}${two(Math.trunc(offset / 60))}:${two(offset % 60)}`}`;
}
