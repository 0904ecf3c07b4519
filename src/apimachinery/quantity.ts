/** Amounts of resources: `100m`, `1.5Gi`, `2e3`. Immutable and exact. Upstream: apimachinery/pkg/api/resource/quantity.go */

export class QuantityError extends Error {
  override readonly name = "QuantityError";
}

type Format = "DecimalSI" | "BinarySI" | "DecimalExponent";
interface Suffix { readonly base: 2 | 10; readonly exponent: number; readonly format: Format }

const decimalSuffixes = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];
const binarySuffixes = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
const suffixes = new Map<string, Suffix>([
  ...binarySuffixes.map((s, i): [string, Suffix] => [s, { base: 2, exponent: 10 * i, format: "BinarySI" }]),
  ...decimalSuffixes.map((s, i): [string, Suffix] => [s, { base: 10, exponent: 3 * i - 9, format: "DecimalSI" }]),
]);
const unit = 1_000_000_000n; // everything is counted in billionths, the finest that upstream keeps
const largestBinary = ((1n << 63n) - 1n) * unit;
/** Beyond this an exponent is refused, so that a short text cannot make a huge number. */
const maxExponent = 1_000;
const grammar = /^([+-]?)(\d*)(?:\.(\d*))?([eEinumkKMGTP]*[-+]?\d*)$/;
const pattern = "^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$";

const cache = new Map<string, Quantity>();
const cacheSize = 10_000;

export class Quantity {
  readonly #nano: bigint;
  readonly #format: Format;
  #text: string | undefined;

  private constructor(nano: bigint, format: Format, text?: string) {
    this.#nano = nano;
    this.#format = format;
    this.#text = text;
  }

  static readonly zero: Quantity = new Quantity(0n, "DecimalSI");

  /** Throws QuantityError in upstream's words. */
  static parse(text: string | number): Quantity {
    const key = typeof text === "number" ? numberText(text) : text;
    const known = cache.get(key);
    if (known !== undefined) return known;
    const quantity = Quantity.#read(key);
    if (cache.size >= cacheSize) cache.clear();
    cache.set(key, quantity);
    return quantity;
  }

  /** Whole units; a fraction is rounded up. */
  static of(value: number | bigint, format: Format = "DecimalSI"): Quantity {
    return new Quantity(BigInt(value) * unit, format);
  }
  /** Thousandths, e.g. of a CPU. */
  static ofMilli(value: number | bigint, format: Format = "DecimalSI"): Quantity {
    return new Quantity(BigInt(value) * 1_000_000n, format);
  }

  static #read(text: string): Quantity {
    const [, sign, whole = "", fraction = "", suffixText = ""] = grammar.exec(text) ?? fail(`quantities must match the regular expression '${pattern}'`);
    if (text === "") fail(`quantities must match the regular expression '${pattern}'`);
    const suffix = suffixOf(suffixText);
    if (whole === "" && fraction === "") fail("unable to parse numeric part of quantity");
    const digits = whole.replace(/^0+/, "") || "0";
    const magnitude = scaled(BigInt(digits + fraction), fraction.length, suffix);
    const { nano, format } = bounded(magnitude, suffix.format);
    const keep = isCanonical(digits, fraction, suffix) && format === suffix.format;
    return new Quantity(sign === "-" ? -nano : nano, format, keep ? text : undefined);
  }

  cmp(other: Quantity): -1 | 0 | 1 {
    return this.#nano < other.#nano ? -1 : this.#nano > other.#nano ? 1 : 0;
  }
  /** The sum in this one's format; in the other's when this is zero. */
  add(other: Quantity): Quantity {
    return new Quantity(this.#nano + other.#nano, this.#nano === 0n ? other.#format : this.#format);
  }
  sub(other: Quantity): Quantity {
    return new Quantity(this.#nano - other.#nano, this.#nano === 0n ? other.#format : this.#format);
  }
  isZero(): boolean {
    return this.#nano === 0n;
  }
  /** -1, 0 or 1. */
  get sign(): -1 | 0 | 1 {
    return this.#nano < 0n ? -1 : this.#nano > 0n ? 1 : 0;
  }
  /** Whole units, rounded away from zero. Exact up to 2^53. */
  get value(): number {
    return Number(this.#roundedTo(unit));
  }
  /** Thousandths, rounded away from zero. */
  get milliValue(): number {
    return Number(this.#roundedTo(1_000_000n));
  }
  /** Whole units rounded away from zero, exact at any size. */
  get valueBigInt(): bigint {
    return this.#roundedTo(unit);
  }
  /** With fraction, as far as a double goes. */
  get approximate(): number {
    return Number(this.#nano) / 1e9;
  }
  get format(): Format {
    return this.#format;
  }
  #roundedTo(step: bigint): bigint {
    return divideUp(this.#nano, step);
  }

  /** Upstream's canonical form: no fraction, the largest suffix that needs none. */
  toString(): string {
    return (this.#text ??= this.#canonical());
  }
  toJSON(): string {
    return this.toString();
  }

  #canonical(): string {
    const nano = this.#nano;
    if (nano === 0n) return "0";
    const small = nano > -1024n * unit && nano < 1024n * unit;
    if (this.#format === "BinarySI" && !small && nano % unit === 0n) {
      const [mantissa, steps] = reduced(nano / unit, 1024n, binarySuffixes.length - 1);
      return `${mantissa}${binarySuffixes[steps] ?? ""}`;
    }
    const exponential = this.#format === "DecimalExponent";
    const [mantissa, steps] = reduced(nano, 1000n, exponential ? maxExponent : decimalSuffixes.length - 1);
    if (!exponential) return `${mantissa}${decimalSuffixes[steps] ?? ""}`;
    return steps === 3 ? `${mantissa}` : `${mantissa}e${3 * steps - 9}`;
  }
}

/** A JSON number reaches upstream as its text; ours has been through a double, which prints integers up to 21 digits. */
const numberText = (value: number): string => String(value);

function suffixOf(text: string): Suffix {
  const known = suffixes.get(text);
  if (known !== undefined) return known;
  const exponent = /^[eE]([-+]?\d+)$/.exec(text)?.[1];
  if (exponent === undefined || Math.abs(Number(exponent)) > maxExponent) return fail("unable to parse quantity's suffix");
  return { base: 10, exponent: Number(exponent), format: "DecimalExponent" };
}

/** `digits / 10^places * base^exponent` in billionths, rounded up. */
function scaled(digits: bigint, places: number, suffix: Suffix): bigint {
  if (suffix.base === 2) return divideUp(digits * unit << BigInt(suffix.exponent), 10n ** BigInt(places));
  const power = suffix.exponent + 9 - places;
  return power >= 0 ? digits * 10n ** BigInt(power) : divideUp(digits, 10n ** BigInt(-power));
}

function bounded(nano: bigint, format: Format): { readonly nano: bigint; readonly format: Format } {
  if (format !== "BinarySI") return { nano, format };
  if (nano > largestBinary) return { nano: largestBinary, format };
  return { nano, format: nano > 0n && nano < unit ? "DecimalSI" : format };
}

/** Upstream keeps the user's text when its quick look finds it canonical, e.g. `1.234`, though the rule says `1234m`. */
function isCanonical(digits: string, fraction: string, suffix: Suffix): boolean {
  const all = digits + fraction;
  if (suffix.base === 2) return fraction === "" && 15 - digits.length - Math.trunc(suffix.exponent * 0.3) - 1 >= 0 && (BigInt(digits) & 7n) !== 0n;
  const scale = suffix.exponent - fraction.length;
  return all.length <= 18 && scale >= -9 && scale % 3 === 0 && !all.endsWith("000") && !all.startsWith("0");
}

/** Takes `base` out as often as it goes. */
function reduced(value: bigint, base: bigint, limit: number): readonly [mantissa: bigint, steps: number] {
  let mantissa = value;
  let steps = 0;
  while (steps < limit && mantissa % base === 0n) { mantissa /= base; steps++; }
  return [mantissa, steps];
}

function divideUp(value: bigint, by: bigint): bigint {
  const quotient = value / by;
  if (value % by === 0n) return quotient;
  return value < 0n ? quotient - 1n : quotient + 1n;
}

function fail(message: string): never {
  throw new QuantityError(message);
}
