/**
 * JSON whose integers keep all their digits, as Go's int64 does: those beyond 2^53 become BigInts, which
 * `JSON.stringify` prints as the numbers that they are. For values without a schema table; built-in kinds have none
 * that grow so large.
 */
import { randomBytes } from "node:crypto";
import { isRecord } from "./equal.ts";
import { setOwn } from "./records.ts";

declare global {
  interface BigInt { toJSON(): unknown }
}
declare const JSON: globalThis.JSON & { rawJSON(text: string): unknown };

// BigInts have no JSON of their own; a method here costs nothing where there are none
Object.defineProperty(BigInt.prototype, "toJSON", { value(this: bigint) { return JSON.rawJSON(this.toString()); }, configurable: true, writable: true });

/** Sixteen digits in a row, where a value may begin. */
const hint = /(?:^|[:[,\s])-?\d{16}/;
/** A string, or an integer of so many digits. */
const tokens = /"(?:[^"\\]|\\.)*"|(?<![\d.eE+-])-?\d{16,19}(?![\d.eE])/g;

/** As `JSON.parse`. Costs nothing more where no number is long, and some passes over the text and the value where one is. */
export function parseExact(text: string): unknown {
  if (!hint.test(text)) return JSON.parse(text);
  const mark = `${randomBytes(12).toString("base64")} `; // no text that somebody sends begins with it
  let marked = false;
  const marking = text.replaceAll(tokens, (token) => {
    if (token.startsWith('"') || Number.isSafeInteger(Number(token))) return token;
    marked = true;
    return `"${mark}${token}"`;
  });
  return marked ? unmarked(JSON.parse(marking), mark) : JSON.parse(text);
}

/** Puts numbers in the place of marked texts, where they stand. */
function unmarked(value: unknown, mark: string): unknown {
  if (typeof value === "string") return value.startsWith(mark) ? integer(value.slice(mark.length)) : value;
  if (Array.isArray(value)) value.forEach((item, i) => { value[i] = unmarked(item, mark); });
  else if (isRecord(value)) for (const key of Object.keys(value)) setOwn(value, key, unmarked(value[key], mark));
  return value;
}

/** What no int64 holds is a float64 to Go. */
function integer(digits: string): bigint | number {
  const whole = BigInt(digits);
  const near = Number(digits);
  return Number.isSafeInteger(near) || BigInt.asIntN(64, whole) !== whole ? near : whole;
}
