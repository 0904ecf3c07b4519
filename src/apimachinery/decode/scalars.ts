/** Readers of primitive values: from JSON as it came to the form that Go would print. None of them meets null. */
import { Quantity, QuantityError } from "../quantity.ts";
import type { Primitive } from "../schema.ts";
import { badRequest } from "../status.ts";
import { canonicalMicroTime, canonicalTime, TimeError } from "../time.ts";
import type { DecodeContext } from "./context.ts";

export type Reader = (value: unknown, context: DecodeContext) => unknown;

const text = (goType: string): Reader => (value, context) => (typeof value === "string" ? value : context.mismatch(value, goType));
const flag = (goType: string): Reader => (value, context) => (typeof value === "boolean" ? value : context.mismatch(value, goType));
const real = (goType: string): Reader => (value, context) => (typeof value === "number" ? value : context.mismatch(value, goType));

function integer(goType: string, min: number, max: number): Reader {
  return (given, context) => {
    const value = typeof given === "bigint" ? Number(given) : given;
    if (typeof value !== "number") return context.mismatch(value, goType);
    return Number.isInteger(value) && value >= min && value <= max ? value : context.mismatch(value, goType, true);
  };
}

const two63 = 2 ** 63;
/** The largest double that is an int64 and is printed as one. */
const largestInt64 = two63 - 1024;

/** Beyond 2^53 the last digits are lost, which no field of a built-in kind has use for; the largest int64 stays one. */
function int64(goType: string): Reader {
  const inner = integer(goType, -two63, two63);
  return (value, context) => Math.min(Math.max(inner(value, context) as number, -largestInt64), largestInt64);
}

/** Standard base64; Go overlooks line ends. */
function bytes(goType: string): Reader {
  return (value, context) => {
    if (typeof value !== "string") return context.mismatch(value, goType);
    const clean = /[\r\n]/.test(value) ? value.replace(/[\r\n]/g, "") : value;
    const bad = badBase64At(clean);
    if (bad >= 0) throw badRequest(`illegal base64 data at input byte ${bad}`);
    return clean;
  };
}

function badBase64At(value: string): number {
  const body = /^[A-Za-z0-9+/]*/.exec(value)?.[0].length ?? 0;
  const padding = value.slice(body);
  const wanted = (4 - (body % 4)) % 4;
  if (wanted !== 3 && padding === "=".repeat(wanted)) return -1;
  // Go names the first byte that cannot be there, or the start of the unfinished group
  if (padding === "" || (body % 4 >= 2 && padding === "=" && wanted === 2)) return padding === "" ? body - (body % 4) : value.length;
  return body % 4 >= 2 && padding.startsWith("=".repeat(wanted)) ? body + wanted : body;
}

/** Runs a reader of text whose own error is the message. */
function translated<T>(read: () => T): T {
  try {
    return read();
  } catch (err) {
    if (err instanceof QuantityError || err instanceof TimeError) throw badRequest(err.message);
    throw err;
  }
}

const time = (canonical: (text: string) => string): Reader => (value, context) => {
  if (typeof value !== "string") return context.mismatch(value, "string");
  return translated(() => canonical(value));
};

const quantity: Reader = (value) => translated(() => {
  if (typeof value === "string") return Quantity.parse(value.trim()).toString();
  return Quantity.parse(typeof value === "number" ? value : "not a quantity").toString();
});

const int32 = integer("int32", -(2 ** 31), 2 ** 31 - 1);
const intOrString: Reader = (value, context) => (typeof value === "string" ? value : int32(value, context));
const duration: Reader = text("string");
const asIs: Reader = (value) => value;

/** @param goType named in the message when the value is of another type */
export function scalarReader(type: Primitive, goType: string): Reader {
  switch (type) {
    case "string": return text(goType);
    case "bool": return flag(goType);
    case "double": return real(goType);
    case "int32": return integer(goType, -(2 ** 31), 2 ** 31 - 1);
    case "int64": return int64(goType);
    case "uint8": return integer(goType, 0, 255);
    case "uint32": return integer(goType, 0, 2 ** 32 - 1);
    case "uint64": return integer(goType, 0, largestInt64);
    case "bytes": return bytes(goType);
    case "Time": return time(canonicalTime);
    case "MicroTime": return time(canonicalMicroTime);
    case "Duration": return duration;
    case "Quantity": return quantity;
    case "IntOrString": return intOrString;
    case "RawExtension": case "Any": return asIs;
  }
}

/** What Go prints for a field that was not given and has no omitempty; undefined where we leave it out. */
export function scalarZero(type: Primitive): string | number | boolean | undefined {
  switch (type) {
    case "string": case "bytes": return "";
    case "int32": case "int64": case "uint8": case "uint32": case "uint64": case "double": case "IntOrString": return 0;
    case "bool": return false;
    case "Quantity": return "0";
    case "Duration": return "0s";
    case "Time": case "MicroTime": case "RawExtension": case "Any": return undefined;
  }
}
