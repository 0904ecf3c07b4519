/** Conversions between types, sizes, and the members of times. Upstream: cel-go common/stdlib/standard.go */
import { flat, traverse, type Sized } from "../call-costs.ts";
import { sizeOf } from "../containers.ts";
import { overload, type Overload } from "../declarations.ts";
import { doubleText, intOf, intOfDouble, uintOf, uintOfDouble, type Int } from "../numbers.ts";
import type { Range } from "../sizes.ts";
import { durationFrom, durationText, mod, parseTimestamp, timestampOf, timestampText, wallClock } from "../time-values.ts";
import { Bytes, CelError, Double, Duration, Timestamp, TypeValue, typeNameOf, type Uint, type Value } from "../values.ts";

const second = 1_000_000_000n;
const noConversion = (from: string, to: string): CelError => new CelError(`type conversion error from '${from}' to '${to}'`);
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const whole = /^[+-]?\d+$/;
const decimal = /^[+-]?(?:\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?|inf(?:inity)?|nan)$/i;
const booleans: ReadonlyMap<string, boolean> = new Map([["1", true], ["t", true], ["T", true], ["true", true], ["TRUE", true], ["True", true], ["0", false], ["f", false], ["F", false], ["false", false], ["FALSE", false], ["False", false]]);

function textOf(bytes: Bytes): Value {
  try {
    return utf8.decode(bytes.value);
  } catch {
    return new CelError("invalid UTF-8 in bytes, cannot convert to string");
  }
}

function parseInt64(text: string): Value {
  const value = whole.test(text) && text.length < 25 ? intOf(BigInt(text.replace(/^\+/, ""))) : undefined;
  return value === undefined || value instanceof CelError ? noConversion("string", "int") : value;
}
function parseUint64(text: string): Value {
  const value = /^\d+$/.test(text) && text.length < 25 ? uintOf(BigInt(text)) : undefined;
  return value === undefined || value instanceof CelError ? noConversion("string", "uint") : value;
}
function parseDouble(text: string): Value {
  if (!decimal.test(text)) return noConversion("string", "double");
  const special = /^([+-]?)(inf|nan)/i.exec(text);
  if (special === null) return new Double(Number(text));
  return new Double(special[2]?.toLowerCase() === "nan" ? Number.NaN : special[1] === "-" ? -Infinity : Infinity);
}

const widened = ([text]: readonly Sized[]): Range => ({ min: text?.size.min ?? 0, max: (text?.size.max ?? Infinity) * 4 });
const narrowed = ([bytes]: readonly Sized[]): Range => ({ min: Math.floor((bytes?.size.min ?? 0) / 4), max: bytes?.size.max ?? Infinity });

const conversions: readonly Overload[] = [
  overload("bool(bool) -> bool", (x: boolean) => x),
  overload("bool(string) -> bool", (x: string) => booleans.get(x) ?? noConversion("string", "bool")),
  overload("int(int) -> int", (x: Int) => x),
  overload("int(uint) -> int", (x: Uint) => intOf(x.value)),
  overload("int(double) -> int", (x: Double) => intOfDouble(x.value)),
  overload("int(string) -> int", parseInt64),
  overload("int(timestamp) -> int", (x: Timestamp) => intOf((x.nanos - mod(x.nanos, second)) / second)),
  overload("int(duration) -> int", (x: Duration) => intOf(x.nanos)),
  overload("uint(uint) -> uint", (x: Uint) => x),
  overload("uint(int) -> uint", (x: Int) => uintOf(BigInt(x))),
  overload("uint(double) -> uint", (x: Double) => uintOfDouble(x.value)),
  overload("uint(string) -> uint", parseUint64),
  overload("double(double) -> double", (x: Double) => x),
  overload("double(int) -> double", (x: Int) => new Double(Number(x))),
  overload("double(uint) -> double", (x: Uint) => new Double(Number(x.value))),
  overload("double(string) -> double", parseDouble),
  overload("string(string) -> string", (x: string) => x),
  overload("string(bool) -> string", (x: boolean) => String(x)),
  overload("string(int) -> string", (x: Int) => String(x)),
  overload("string(uint) -> string", (x: Uint) => String(x.value)),
  overload("string(double) -> string", (x: Double) => doubleText(x.value)),
  overload("string(bytes) -> string", textOf, traverse(0, 1, narrowed)),
  overload("string(timestamp) -> string", timestampText),
  overload("string(duration) -> string", durationText),
  overload("bytes(bytes) -> bytes", (x: Bytes) => x),
  overload("bytes(string) -> bytes", (x: string) => new Bytes(Buffer.from(x)), traverse(0, 1, widened)),
  overload("timestamp(timestamp) -> timestamp", (x: Timestamp) => x),
  overload("timestamp(string) -> timestamp", parseTimestamp),
  overload("timestamp(int) -> timestamp", (x: Int) => timestampOf(BigInt(x) * second)),
  overload("duration(duration) -> duration", (x: Duration) => x),
  overload("duration(string) -> duration", durationFrom),
  overload("duration(int) -> duration", (x: Int) => new Duration(BigInt(x))),
  overload("dyn(A) -> dyn", (x: Value) => x),
  overload("type(A) -> type(A)", (x: Value) => new TypeValue(typeNameOf(x))),
];

const sizes: readonly Overload[] = ["string", "bytes", "list(A)", "map(A, B)"].flatMap((type) => [
  overload(`size(${type}) -> int`, sizeOf, flat(1)),
  overload(`${type}.size() -> int`, sizeOf, flat(1)),
]);

const dayOfYear = (at: Date): number => Math.floor((at.getTime() - Date.UTC(at.getUTCFullYear(), 0)) / 86_400_000);
const clockMembers: readonly (readonly [name: string, read: (at: Date) => number])[] = [
  ["getFullYear", (at) => at.getUTCFullYear()], ["getMonth", (at) => at.getUTCMonth()], ["getDate", (at) => at.getUTCDate()],
  ["getDayOfMonth", (at) => at.getUTCDate() - 1], ["getDayOfWeek", (at) => at.getUTCDay()], ["getDayOfYear", dayOfYear],
  ["getHours", (at) => at.getUTCHours()], ["getMinutes", (at) => at.getUTCMinutes()], ["getSeconds", (at) => at.getUTCSeconds()],
  ["getMilliseconds", (at) => at.getUTCMilliseconds()],
];

const clocks: readonly Overload[] = clockMembers.flatMap(([name, read]) => {
  const shown = (time: Timestamp, zone: string): Value => {
    const at = wallClock(time, zone);
    return at === undefined ? new CelError(`unknown time zone ${zone}`) : read(at);
  };
  return [overload(`timestamp.${name}() -> int`, (time: Timestamp) => shown(time, "")), overload(`timestamp.${name}(string) -> int`, shown)];
});

const spans: readonly Overload[] = ([["getHours", 3600n * second], ["getMinutes", 60n * second], ["getSeconds", second]] as const)
  .map(([name, unit]) => overload(`duration.${name}() -> int`, (span: Duration) => intOf(span.nanos / unit)));
const remainder = overload("duration.getMilliseconds() -> int", (span: Duration) => intOf(span.nanos / 1_000_000n % 1000n));

export const conversionLibrary: readonly Overload[] = [...conversions, ...sizes, ...clocks, ...spans, remainder];
