/** Upstream: cel-go ext/math.go */
import { flat, perItem } from "../call-costs.ts";
import { ArrayList, type ListValue } from "../containers.ts";
import { overload, type Overload } from "../declarations.ts";
import { compare } from "../equality.ts";
import { intOf, negate, type Int } from "../numbers.ts";
import { CelError, Double, isError, kindOf, noSuchOverload, Uint, type Value } from "../values.ts";

const numbers = ["int", "uint", "double"] as const;
const isNumber = (value: Value): boolean => (numbers as readonly string[]).includes(kindOf(value));

/** `sign` 1 finds the greatest, -1 the least; the first of equal ones stays. */
const extreme = (sign: 1 | -1, name: string) => (list: ListValue): Value => {
  if (list.length === 0) return new CelError(`math.@${name} argument must not be empty`);
  let best = list.at(0);
  for (let i = 0; i < list.length; i++) {
    const item = list.at(i);
    if (!isNumber(item)) return isError(item) ? item : noSuchOverload;
    const order = compare(item, best);
    if (isError(order)) return order;
    if ((order as number) * sign > 0) best = item;
  }
  return best;
};

const maxArguments = 16;

function extremes(name: "greatest" | "least", sign: 1 | -1): Overload[] {
  const of = extreme(sign, name === "greatest" ? "max" : "min");
  const spread = (...values: Value[]): Value => of(new ArrayList(values));
  return numbers.flatMap((a) => [
    overload(`math::${name}(${a}) -> ${a}`, spread, flat(1)),
    overload(`math::${name}(list(${a})) -> ${a}`, of, perItem(0)),
    ...numbers.map((b) => overload(`math::${name}(${a}, ${b}) -> ${a === b ? a : "dyn"}`, spread, flat(1))),
  ]).concat(Array.from({ length: maxArguments - 2 }, (_, i) => overload(`math::${name}(${Array(i + 3).fill("dyn").join(", ")}) -> dyn`, spread, flat(i + 3))));
}

const rounding: readonly (readonly [name: string, round: (x: number) => number])[] = [
  ["ceil", Math.ceil], ["floor", Math.floor], ["trunc", Math.trunc], ["round", (x) => Math.sign(x) * Math.round(Math.abs(x))],
];
const tests: readonly (readonly [name: string, test: (x: number) => boolean])[] = [
  ["isNaN", Number.isNaN], ["isInf", (x) => Math.abs(x) === Infinity], ["isFinite", Number.isFinite],
];

type Bits = (a: bigint, b: bigint) => bigint;
const asInt = (value: bigint): Value => intOf(BigInt.asIntN(64, value));
const asUint = (value: bigint): Value => new Uint(BigInt.asUintN(64, value));
const logic: readonly (readonly [name: string, bits: Bits])[] = [["bitAnd", (a, b) => a & b], ["bitOr", (a, b) => a | b], ["bitXor", (a, b) => a ^ b]];

/** Shifts by more than 63 leave nothing; an int shifted right is filled with zeros. */
const shift = (name: string, bits: Bits) => (value: bigint, by: Int): bigint | CelError =>
  by < 0 ? new CelError(`math.${name}() negative offset: ${by}`) : by > 63 ? 0n : bits(BigInt.asUintN(64, value), BigInt(by));
const shifts: readonly (readonly [name: string, bits: Bits])[] = [["bitShiftLeft", (a, b) => a << b], ["bitShiftRight", (a, b) => a >> b]];
const orError = (value: bigint | CelError, wrap: (value: bigint) => Value): Value => (value instanceof CelError ? value : wrap(value));

export const mathLibrary: readonly Overload[] = [
  ...extremes("greatest", 1),
  ...extremes("least", -1),
  ...rounding.map(([name, round]) => overload(`math::${name}(double) -> double`, (x: Double) => new Double(round(x.value)))),
  ...tests.map(([name, test]) => overload(`math::${name}(double) -> bool`, (x: Double) => test(x.value))),
  overload("math::abs(int) -> int", (x: Int) => (x < 0 ? negate(x) : x)),
  overload("math::abs(uint) -> uint", (x: Uint) => x),
  overload("math::abs(double) -> double", (x: Double) => new Double(Math.abs(x.value))),
  overload("math::sign(int) -> int", (x: Int) => (x > 0 ? 1 : x < 0 ? -1 : 0)),
  overload("math::sign(uint) -> uint", (x: Uint) => new Uint(x.value > 0n ? 1n : 0n)),
  overload("math::sign(double) -> double", (x: Double) => new Double(Math.sign(x.value))),
  ...logic.flatMap(([name, bits]) => [
    overload(`math::${name}(int, int) -> int`, (a: Int, b: Int) => asInt(bits(BigInt(a), BigInt(b)))),
    overload(`math::${name}(uint, uint) -> uint`, (a: Uint, b: Uint) => asUint(bits(a.value, b.value))),
  ]),
  overload("math::bitNot(int) -> int", (x: Int) => asInt(~BigInt(x))),
  overload("math::bitNot(uint) -> uint", (x: Uint) => asUint(~x.value)),
  ...shifts.flatMap(([name, bits]) => [
    overload(`math::${name}(int, int) -> int`, (x: Int, by: Int) => orError(shift(name, bits)(BigInt(x), by), asInt)),
    overload(`math::${name}(uint, int) -> uint`, (x: Uint, by: Int) => orError(shift(name, bits)(x.value, by), asUint)),
  ]),
];
