/** `"%s has %d".format([x, 3])`. Upstream: cel-go ext/formatting.go */
import { touch } from "../budget.ts";
import { ListValue, MapValue } from "../containers.ts";
import { doubleText } from "../numbers.ts";
import { durationText, timestampText } from "../time-values.ts";
import { Bytes, CelError, Double, Duration, isError, Timestamp, typeNameOf, TypeValue, Uint, type Value } from "../values.ts";

const maxPrecision = 100;
const clause = /%(?:%|(?:\.(\d*))?(.?))/gsu;

/** The text with each clause replaced by its argument. */
export function formatString(text: string, args: ListValue): Value {
  const parts: string[] = [];
  let from = 0;
  let used = 0;
  for (const found of text.matchAll(clause)) {
    parts.push(text.slice(from, found.index));
    from = found.index + found[0].length;
    if (found[0] === "%%") { parts.push("%"); continue; }
    if (used >= args.length) return new CelError(`index ${used} out of range`);
    const made = formatOne(found[2] ?? "", args.at(used++), found[1]);
    if (made instanceof CelError) return made;
    parts.push(made);
  }
  parts.push(text.slice(from));
  return parts.join("");
}

function formatOne(verb: string, value: Value, precisionText: string | undefined): string | CelError {
  if (isError(value)) return value;
  const precision = precisionText === undefined || precisionText === "" ? 6 : Number(precisionText);
  if (precision > maxPrecision) return new CelError(`precision ${precision} exceeds ${maxPrecision}`);
  switch (verb) {
    case "s": return plain(value);
    case "d": return decimal(value);
    case "f": return float(value, "f", (x) => fixedPoint(x, precision));
    case "e": return float(value, "e", (x) => x.toExponential(precision).replace(/e([+-])(\d)$/, "e$10$2"));
    case "b": return typeof value === "boolean" ? String(Number(value)) : inBase(value, 2, "binary clause can only be used on integers and bools");
    case "o": return inBase(value, 8, "octal clause can only be used on integers");
    case "x": return hex(value);
    case "X": { const made = hex(value); return made instanceof CelError ? made : made.toUpperCase(); }
    default: return new CelError(`could not parse formatting clause: unrecognized formatting clause "${verb}"`);
  }
}

const failed = (clauseText: string, value: Value): CelError => new CelError(`error during formatting: ${clauseText}, was given ${typeNameOf(value)}`);

function whole(value: Value): bigint | undefined {
  if (typeof value === "number" || typeof value === "bigint") return BigInt(value);
  return value instanceof Uint ? value.value : undefined;
}

function inBase(value: Value, base: number, complaint: string): string | CelError {
  const number = whole(value);
  return number === undefined ? failed(complaint, value) : number.toString(base);
}

function decimal(value: Value): string | CelError {
  const number = whole(value);
  if (number !== undefined) return String(number);
  if (value instanceof Double && !Number.isFinite(value.value)) return special(value.value);
  return failed("decimal clause can only be used on integers", value);
}

function float(value: Value, verb: string, print: (x: number) => string): string | CelError {
  const number = value instanceof Double ? value.value : Number(whole(value) ?? Number.NaN);
  if (!(value instanceof Double) && whole(value) === undefined) return failed(`${verb === "f" ? "fixed-point" : "scientific"} clause can only be used on doubles`, value);
  return Number.isFinite(number) ? print(number) : special(number);
}

/** Halves go to the even digit, as Go rounds; JavaScript's go up. */
function fixedPoint(x: number, precision: number): string {
  const scaled = x * 10 ** precision;
  const tie = precision <= 15 && Math.abs(scaled % 1) === 0.5 && scaled / 10 ** precision === x;
  return (tie ? 2 * Math.round(scaled / 2) / 10 ** precision : x).toFixed(precision);
}

const special = (value: number): string => (Number.isNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity");

function hex(value: Value): string | CelError {
  if (typeof value === "string") return Buffer.from(value).toString("hex");
  if (value instanceof Bytes) return Buffer.from(value.value).toString("hex");
  return inBase(value, 16, "only integers, byte buffers, and strings can be formatted as hex");
}

/** `%s` prints everything; texts within lists are not quoted. */
function plain(value: Value): string | CelError {
  touch(1);
  if (value === null) return "null";
  if (typeof value !== "object") return String(value);
  if (value instanceof Double) return Number.isFinite(value.value) ? doubleText(value.value) : special(value.value);
  if (value instanceof Uint) return String(value.value);
  if (value instanceof Bytes) return Buffer.from(value.value).toString();
  if (value instanceof Timestamp) return timestampText(value);
  if (value instanceof Duration) return durationText(value);
  if (value instanceof TypeValue) return value.name;
  if (value instanceof ListValue) return joined(value.toArray().map((item) => plain(item)), "[", "]");
  if (value instanceof MapValue) return joined(entries(value), "{", "}");
  return failed("string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps", value);
}

const entries = (map: MapValue): readonly (string | CelError)[] => map.keys().map((key): string | CelError => {
  const [name, value] = [plain(key), plain(map.get(key) ?? null)];
  return name instanceof CelError ? name : value instanceof CelError ? value : `${name}: ${value}`;
}).toSorted((a, b) => (typeof a === "string" && typeof b === "string" && a < b ? -1 : 1));

function joined(parts: readonly (string | CelError)[], open: string, close: string): string | CelError {
  const texts: string[] = [];
  for (const part of parts) {
    if (part instanceof CelError) return part;
    texts.push(part);
  }
  return `${open}${texts.join(", ")}${close}`;
}
