/** Arithmetic of 64 bits: a number as long as it is exact, a bigint beyond, an error past the end. */
import { CelError, Double, Uint, type Value } from "./values.ts";

export type Int = number | bigint;

const minInt = -(1n << 63n);
const maxInt = (1n << 63n) - 1n;
const maxUint = (1n << 64n) - 1n;
const overflow = new CelError("integer overflow");
const uintOverflow = new CelError("unsigned integer overflow");
const byZero = new CelError("division by zero");
const modulusByZero = new CelError("modulus by zero");
const safe = BigInt(Number.MAX_SAFE_INTEGER);

/** The int of a bigint, or the overflow error. */
export function intOf(value: bigint): Int | CelError {
  if (value >= -safe && value <= safe) return Number(value);
  return value < minInt || value > maxInt ? overflow : value;
}
/** The uint of a bigint, or the overflow error. */
export const uintOf = (value: bigint): Uint | CelError => (value < 0n || value > maxUint ? uintOverflow : new Uint(value));

export function add(a: Int, b: Int): Int | CelError {
  if (typeof a === "number" && typeof b === "number") {
    const sum = a + b;
    if (Number.isSafeInteger(sum)) return sum;
  }
  return intOf(BigInt(a) + BigInt(b));
}
export function subtract(a: Int, b: Int): Int | CelError {
  if (typeof a === "number" && typeof b === "number") {
    const difference = a - b;
    if (Number.isSafeInteger(difference)) return difference;
  }
  return intOf(BigInt(a) - BigInt(b));
}
export function multiply(a: Int, b: Int): Int | CelError {
  if (typeof a === "number" && typeof b === "number") {
    const product = a * b;
    if (Number.isSafeInteger(product)) return product + 0;
  }
  return intOf(BigInt(a) * BigInt(b));
}
export const divide = (a: Int, b: Int): Int | CelError => (isZero(b) ? byZero : intOf(BigInt(a) / BigInt(b)));
export const modulo = (a: Int, b: Int): Int | CelError => (isZero(b) ? modulusByZero : intOf(BigInt(a) % BigInt(b)));
export const negate = (a: Int): Int | CelError => (typeof a === "number" ? 0 - a : intOf(-a));

const isZero = (value: Int): boolean => value === 0;

export const uintMath: Readonly<Record<"add" | "subtract" | "multiply" | "divide" | "modulo", (a: Uint, b: Uint) => Uint | CelError>> = {
  add: (a, b) => uintOf(a.value + b.value),
  subtract: (a, b) => uintOf(a.value - b.value),
  multiply: (a, b) => uintOf(a.value * b.value),
  divide: (a, b) => (b.value === 0n ? byZero : uintOf(a.value / b.value)),
  modulo: (a, b) => (b.value === 0n ? modulusByZero : uintOf(a.value % b.value)),
};

/** A number of any of the three kinds as one that JavaScript compares exactly; undefined for other values. */
export function numeric(value: Value): number | bigint | undefined {
  if (typeof value === "number" || typeof value === "bigint") return value;
  return value instanceof Double || value instanceof Uint ? value.value : undefined;
}

/** `int(x)` of a double: cut, not rounded. */
export function intOfDouble(value: number): Int | CelError {
  if (!Number.isFinite(value) || value <= -(2 ** 63) || value >= 2 ** 63) return overflow;
  return intOf(BigInt(Math.trunc(value)));
}
export function uintOfDouble(value: number): Uint | CelError {
  if (!Number.isFinite(value) || value < 0 || value >= 2 ** 64) return uintOverflow;
  return uintOf(BigInt(Math.trunc(value)));
}

/** As Go's `%g` with the shortest exact digits prints a double. */
export function doubleText(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
  if (Object.is(value, -0)) return "-0";
  const exponent = value === 0 ? 0 : Number(value.toExponential().split("e")[1]);
  if (exponent >= -4 && exponent < 21) return String(Math.abs(value) < 1e-6 && value !== 0 ? value.toFixed(20).replace(/0+$/, "") : value);
  return value.toExponential().replace(/e([+-])(\d)$/, "e$10$2");
}
