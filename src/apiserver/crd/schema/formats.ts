/** Formats of strings as upstream knows them; all others say nothing. Upstream: apiextensions-apiserver/pkg/apiserver/validation/formats.go */
import { isIP, isIPv4 } from "node:net";
import { cidr } from "#apimachinery/validation/names.ts";

type Check = (text: string) => boolean;
const matches = (pattern: RegExp): Check => (text) => pattern.test(text);
/** The longest text that a pattern of this file is tried on: all are linear, and none of the formats is longer. */
const bounded = (check: Check, length = 4096): Check => (text) => text.length <= length && check(text);

const hostname: Check = (text) => text.length <= 255 && text.split(".").every((label) => label.length <= 63)
  && /^[a-zA-Z0-9\p{S}\p{L}](?:[a-zA-Z0-9\-\p{S}\p{L}]*[a-zA-Z0-9\p{S}\p{L}])?(?:\.[a-zA-Z0-9\p{S}\p{L}](?:[a-zA-Z0-9\-\p{S}\p{L}]*[a-zA-Z0-9\p{S}\p{L}])?)*$/u.test(text)
  && (!text.includes(".") || /^[a-zA-Z\p{L}]{2,63}$/u.test(text.slice(text.lastIndexOf(".") + 1)));

function isbn10(text: string): boolean {
  const digits = text.replaceAll(/[\s-]/g, "");
  if (!/^\d{9}[\dX]$/.test(digits)) return false;
  return Array.from(digits).reduce((sum, digit, i) => sum + (digit === "X" ? 10 : Number(digit)) * (10 - i), 0) % 11 === 0;
}

function isbn13(text: string): boolean {
  const digits = text.replaceAll(/[\s-]/g, "");
  return /^\d{13}$/.test(digits) && Array.from(digits).reduce((sum, digit, i) => sum + Number(digit) * (i % 2 === 0 ? 1 : 3), 0) % 10 === 0;
}

/** Upstream: govalidator IsCreditCard */
function creditCard(text: string): boolean {
  const digits = text.replaceAll(/[^0-9]+/g, "");
  if (!/^(?:4\d{12}(?:\d{3})?|5[1-5]\d{14}|6(?:011|5\d\d)\d{12}|3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11}|(?:2131|1800|35\d{3})\d{11})$/.test(digits)) return false;
  const weighted = Array.from(digits).toReversed().map((digit, i) => (i % 2 === 0 ? Number(digit) : Number(digit) * 2));
  return weighted.reduce((sum, n) => sum + (n > 9 ? n - 9 : n), 0) % 10 === 0;
}

/** Upstream: net/url ParseRequestURI */
const uri: Check = (text) => text.startsWith("/") || (/^[a-zA-Z][a-zA-Z0-9+.-]*:/.test(text) && URL.canParse(text));
const rgb = /^rgb\(\s*(\d{1,3})\s*,\s*(\d{1,3})\s*,\s*(\d{1,3})\s*\)$/;
const date: Check = (text) => /^\d{4}-\d{2}-\d{2}$/.test(text) && isDay(text);
function isDay(text: string): boolean {
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}
const dateTime: Check = (text) => {
  const found = /^(\d{4}-\d{2}-\d{2})[Tt ]([01]\d|2[0-3]):([0-5]\d):([0-5]\d|60)(?:\.\d+)?(?:[Zz]|[+-]\d{2}:?\d{2})?$/.exec(text);
  return found !== null && isDay(found[1] ?? "");
};
const uuid = (version: string, variant: string): Check => matches(new RegExp(`^[0-9a-f]{8}-?[0-9a-f]{4}-?${version}[0-9a-f]{3}-?${variant}[0-9a-f]{3}-?[0-9a-f]{12}$`, "i"));

const checks: ReadonlyMap<string, Check> = new Map<string, Check>([
  ["bsonobjectid", matches(/^[0-9a-fA-F]{24}$/)],
  ["uri", bounded(uri, 65_536)],
  ["email", bounded(matches(/^(?:[^<>@]*<)?[^\s<>@"(),:;[\]\\]+@[^\s<>@"(),:;[\]\\]+>?$/), 1024)],
  ["hostname", hostname],
  ["ipv4", isIPv4],
  ["ipv6", (text) => isIP(text) === 6],
  ["cidr", (text) => cidr(text).length === 0],
  ["mac", matches(/^(?:[0-9a-fA-F]{2}([:-])(?:[0-9a-fA-F]{2}\1){4}[0-9a-fA-F]{2}|(?:[0-9a-fA-F]{4}\.){2}[0-9a-fA-F]{4}|[0-9a-fA-F]{2}([:-])(?:[0-9a-fA-F]{2}\2){6}[0-9a-fA-F]{2}|(?:[0-9a-fA-F]{4}\.){3}[0-9a-fA-F]{4})$/)],
  ["uuid", uuid("[0-9a-f]", "[0-9a-f]")],
  ["uuid3", uuid("3", "[0-9a-f]")],
  ["uuid4", uuid("4", "[89ab]")],
  ["uuid5", uuid("5", "[89ab]")],
  ["isbn", (text) => isbn10(text) || isbn13(text)],
  ["isbn10", isbn10],
  ["isbn13", isbn13],
  ["creditcard", bounded(creditCard)],
  ["ssn", matches(/^\d{3}[- ]?\d{2}[- ]?\d{4}$/)],
  ["hexcolor", matches(/^#?(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})$/)],
  ["rgbcolor", (text) => rgb.exec(text)?.slice(1).every((part) => Number(part) <= 255) ?? false],
  ["byte", (text) => text !== "" && text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text)],
  ["password", () => true],
  ["date", date],
  ["duration", bounded(matches(/^[+-]?(?:0|(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+|\d+\s*(?:ns|us|µs|ms|s|m|h|d|w|nanos?|micros?|millis?|nanoseconds?|microseconds?|milliseconds?|seconds?|secs?|minutes?|mins?|hours?|days?|weeks?))$/), 256)],
  ["datetime", dateTime],
]);

const normalized = (format: string): string => format.replaceAll("-", "");
export const knownFormat = (format: string): boolean => checks.has(normalized(format));
export const hasFormat = (text: string, format: string): boolean => checks.get(normalized(format))?.(text) ?? true;
