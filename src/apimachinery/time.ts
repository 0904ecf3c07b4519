/** Times as the API prints them, always UTC. Upstream: apimachinery/pkg/apis/meta/v1 time.go, micro_time.go */
import { quote } from "./quote.ts";

export class TimeError extends Error {
  override readonly name = "TimeError";
}

/** `2026-01-02T03:04:05Z` from milliseconds since 1970; fractions are cut. */
export function timestamp(ms: number): string {
  const second = Math.floor(ms / 1000);
  if (second !== newest.second) newest = { second, text: `${new Date(ms).toISOString().slice(0, 19)}Z` };
  return newest.text;
}
/** Every write carries the time twice, and most are of the same second as the one before. */
let newest = { second: Number.NaN, text: "" };
/** `2026-01-02T03:04:05.678000Z`: what Leases carry. */
export const microTimestamp = (ms: number): string => `${new Date(ms).toISOString().slice(0, 23)}000Z`;

/** In canonical form, of a day that every month has: nearly all times are, and nothing has to be worked out for them. */
const everyday = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{6})?Z$/;
const plain = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;
const micro = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;

/** A `metav1.Time` in canonical form. Throws TimeError in the words of Go's time.Parse. */
export function canonicalTime(text: string): string {
  if (text.length === 20 && everyday.test(text)) return text;
  const { seconds } = readTime(text, "time");
  return plain.test(text) ? text : timestamp(seconds * 1000);
}

/** A `metav1.MicroTime` in canonical form; exactly six digits of fraction, as upstream wants them. */
export function canonicalMicroTime(text: string): string {
  if (text.length === 27 && everyday.test(text)) return text;
  const { seconds, fraction } = readTime(text, "micro");
  return micro.test(text) ? text : `${timestamp(seconds * 1000).slice(0, 19)}.${fraction.padEnd(6, "0").slice(0, 6)}Z`;
}

/** Seconds since 1970 of a time in canonical form, of either kind. */
export const canonicalSeconds = (text: string): number => Date.parse(text.length === 20 ? text : `${text.slice(0, 19)}Z`) / 1000;

export interface Instant { /** Since 1970. */ readonly seconds: number; /** Digits after the point, as written. */ readonly fraction: string }

interface Element { readonly layout: string; readonly pattern: RegExp }
const of = (layout: string, pattern: RegExp): Element => ({ layout, pattern });
const seconds = of("05", /^\d\d/);
const head: readonly Element[] = [of("2006", /^\d{4}/), of("-", /^-/), of("01", /^\d\d/), of("-", /^-/), of("02", /^\d\d/), of("T", /^T/), of("15", /^\d\d/), of(":", /^:/), of("04", /^\d\d/), of(":", /^:/), seconds];
const zone = of("Z07:00", /^(?:Z|[+-]\d\d:\d\d)/);
const layouts: Readonly<Record<"time" | "micro", { readonly text: string; readonly elements: readonly Element[] }>> = {
  time: { text: "2006-01-02T15:04:05Z07:00", elements: [...head, of("", /^(?:[.,]\d+)?/), zone] },
  micro: { text: "2006-01-02T15:04:05.000000Z07:00", elements: [...head, of(".000000", /^\.\d{6}/), zone] },
};

/** Reads RFC 3339. Throws TimeError. */
export function readTime(text: string, kind: "time" | "micro"): Instant {
  const { text: layout, elements } = layouts[kind];
  const found: string[] = [];
  let rest = text;
  for (const element of elements) {
    const match = element.pattern.exec(rest)?.[0];
    if (match === undefined) throw new TimeError(`parsing time ${quote(text)} as ${quote(layout)}: cannot parse ${quote(rest)} as ${quote(element.layout)}`);
    found.push(match);
    rest = rest.slice(match.length);
  }
  if (rest !== "") throw new TimeError(`parsing time ${quote(text)}: extra text: ${quote(rest)}`);
  return instantOf(found, text);
}

function instantOf(found: readonly string[], text: string): Instant {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = [0, 2, 4, 6, 8, 10].map((i) => Number(found[i]));
  const outside = month < 1 || month > 12 ? "month" : hour > 23 ? "hour" : minute > 59 ? "minute" : second > 59 ? "second" : day < 1 || day > daysIn(year, month) ? "day" : "";
  if (outside !== "") throw new TimeError(`parsing time ${quote(text)}: ${outside} out of range`);
  const at = new Date(0);
  at.setUTCFullYear(year, month - 1, day);
  at.setUTCHours(hour, minute, second);
  return { seconds: at.getTime() / 1000 - offsetOf(found[12] ?? "Z"), fraction: (found[11] ?? "").slice(1) };
}

function daysIn(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

function offsetOf(text: string): number {
  if (text === "Z") return 0;
  return (text.startsWith("-") ? -1 : 1) * (Number(text.slice(1, 3)) * 3600 + Number(text.slice(4, 6)) * 60);
}
