/** Points in time and spans of it, as CEL reads, bounds and prints them. Upstream: cel-go common/types/timestamp.go, duration.go */
import { durationNanos } from "../go-duration.ts";
import { readTime, TimeError } from "../time.ts";
import { CelError, Duration, Timestamp } from "./values.ts";

const second = 1_000_000_000n;
const earliest = -62_135_596_800n * second;
const latest = 253_402_300_799n * second + 999_999_999n;
const longest = (1n << 63n) - 1n;

export const timestampOf = (nanos: bigint): Timestamp | CelError => (nanos < earliest || nanos > latest ? new CelError("timestamp overflow") : new Timestamp(nanos));
export const durationOf = (nanos: bigint): Duration | CelError => (nanos < -longest - 1n || nanos > longest ? new CelError("integer overflow") : new Duration(nanos));

/** RFC 3339. */
export function parseTimestamp(text: string): Timestamp | CelError {
  try {
    const { seconds, fraction } = readTime(text, "time");
    return timestampOf(BigInt(seconds) * second + BigInt(fraction.padEnd(9, "0").slice(0, 9)));
  } catch (err) {
    if (err instanceof TimeError) return new CelError(err.message);
    throw err;
  }
}

export function timestampText({ nanos }: Timestamp): string {
  const seconds = (nanos - mod(nanos, second)) / second;
  const fraction = mod(nanos, second).toString().padStart(9, "0").replace(/0+$/, "");
  return `${new Date(Number(seconds) * 1000).toISOString().slice(0, 19)}${fraction === "" ? "" : `.${fraction}`}Z`;
}

export function durationFrom(text: string): Duration | CelError {
  const nanos = durationNanos(text);
  return nanos === undefined ? new CelError(`time: invalid duration "${text}"`) : new Duration(nanos);
}

/** In seconds: `90.5s`. */
export function durationText({ nanos }: Duration): string {
  const size = nanos < 0n ? -nanos : nanos;
  const fraction = (size % second).toString().padStart(9, "0").replace(/0+$/, "");
  return `${nanos < 0n ? "-" : ""}${size / second}${fraction === "" ? "" : `.${fraction}`}s`;
}

/** What a clock in the zone would show, as the fields of a UTC date; undefined for an unknown zone. */
export function wallClock({ nanos }: Timestamp, zone: string): Date | undefined {
  const ms = Number((nanos - mod(nanos, 1_000_000n)) / 1_000_000n);
  const offset = zoneOffset(ms, zone);
  return offset === undefined ? undefined : new Date(ms + offset);
}

function zoneOffset(ms: number, zone: string): number | undefined {
  if (zone === "" || zone === "UTC") return 0;
  const fixed = /^([+-]?)(\d\d):(\d\d)$/.exec(zone);
  if (fixed !== null) return (fixed[1] === "-" ? -1 : 1) * (Number(fixed[2]) * 60 + Number(fixed[3])) * 60_000;
  try {
    const parts = new Intl.DateTimeFormat("en-US", { timeZone: zone, hourCycle: "h23", era: "short", year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric" }).formatToParts(ms);
    const of = (type: string): number => Number(parts.find((one) => one.type === type)?.value ?? 0);
    const shown = new Date(0);
    shown.setUTCFullYear(of("year"), of("month") - 1, of("day"));
    shown.setUTCHours(of("hour"), of("minute"), of("second"));
    return shown.getTime() - Math.floor(ms / 1000) * 1000;
  } catch {
    return undefined;
  }
}

/** The remainder that is never negative. */
export const mod = (a: bigint, b: bigint): bigint => ((a % b) + b) % b;
