/** Time zones by their IANA names. */

/** Whether the name is a zone's. */
export function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en-US", { timeZone: name }).format(0) !== "";
  } catch {
    return false;
  }
}

export interface WallTime { readonly year: number; /** From 1. */ readonly month: number; readonly day: number; readonly hour: number; readonly minute: number; readonly second: number; /** From 0, Sunday. */ readonly weekday: number }

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat("en-US", { timeZone: zone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric" });
  formats.set(zone, format);
  return format;
}

/** What a clock on the wall shows. @param ms since 1970. Throws RangeError for an unknown zone. */
export function wallTime(ms: number, zone: string): WallTime {
  const parts = Object.fromEntries(formatOf(zone).formatToParts(ms).map(({ type, value }) => [type, Number(value)]));
  const { year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0 } = parts;
  return { year, month, day, hour, minute, second, weekday: new Date(Date.UTC(year, month - 1, day)).getUTCDay() };
}

/** The zone of this machine, for schedules that name none. */
export const localZone = (): string => new Intl.DateTimeFormat().resolvedOptions().timeZone;

/** RFC 3339 as a clock on the wall would write it: `2026-01-02T03:04:05+09:00`. @param ms since 1970 */
export function zonedTimestamp(ms: number, zone: string): string {
  const { year, month, day, hour, minute, second } = wallTime(ms, zone);
  const wall = Date.UTC(year, month - 1, day, hour, minute, second);
  const offset = Math.round((wall - Math.floor(ms / 1000) * 1000) / 60_000);
  const two = (value: number): string => String(Math.abs(value)).padStart(2, "0");
  return `${new Date(wall).toISOString().slice(0, 19)}${offset === 0 ? "Z" : `${offset < 0 ? "-" : "+"}${two(Math.trunc(offset / 60))}:${two(offset % 60)}`}`;
}
