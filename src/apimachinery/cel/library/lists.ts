/** Kubernetes' functions on lists, and sets. Upstream: apiserver/pkg/cel/library/lists.go, cel-go ext/sets.go */
import { crossing, wholeList } from "../call-costs.ts";
import type { ListValue } from "../containers.ts";
import { overload, type Overload } from "../declarations.ts";
import { compare, contains, equal } from "../equality.ts";
import { add, uintMath, type Int } from "../numbers.ts";
import { durationOf } from "../time-values.ts";
import { CelError, Double, Duration, isError, noSuchOverload, Uint, type Value } from "../values.ts";

function isSorted(list: ListValue): Value {
  for (let i = 1; i < list.length; i++) {
    const order = compare(list.at(i - 1), list.at(i));
    if (isError(order)) return order;
    if ((order as number) > 0) return false;
  }
  return true;
}

/** `sign` -1 finds the least, 1 the greatest. */
const extreme = (sign: -1 | 1, name: string) => (list: ListValue): Value => {
  if (list.length === 0) return new CelError(`${name} called on empty list`);
  let best = list.at(0);
  for (let i = 1; i < list.length; i++) {
    const order = compare(list.at(i), best);
    if (isError(order)) return order;
    if ((order as number) * sign > 0) best = list.at(i);
  }
  return best;
};

const sum = <T extends Value>(zero: T, plus: (a: T, b: T) => T | CelError, isTerm: (value: Value) => value is T) => (list: ListValue): Value => {
  let total: T = zero;
  for (let i = 0; i < list.length; i++) {
    const item = list.at(i);
    if (!isTerm(item)) return isError(item) ? item : noSuchOverload;
    const next = plus(total, item);
    if (next instanceof CelError) return next;
    total = next;
  }
  return total;
};
const isInt = (value: Value): value is Int => typeof value === "number" || typeof value === "bigint";
const isUint = (value: Value): value is Uint => value instanceof Uint;
const isDouble = (value: Value): value is Double => value instanceof Double;
const isDuration = (value: Value): value is Duration => value instanceof Duration;

function indexOf(list: ListValue, wanted: Value, fromEnd: boolean): Value {
  for (let n = 0; n < list.length; n++) {
    const i = fromEnd ? list.length - 1 - n : n;
    const same = equal(list.at(i), wanted);
    if (same === true) return i;
  }
  return -1;
}

function containsAll(list: ListValue, wanted: ListValue): boolean | CelError {
  for (let i = 0; i < wanted.length; i++) {
    const found = contains(list, wanted.at(i));
    if (found !== true) return found;
  }
  return true;
}
function equivalent(a: ListValue, b: ListValue): Value {
  const forth = containsAll(a, b);
  return forth === true ? containsAll(b, a) : forth;
}
function intersects(a: ListValue, b: ListValue): Value {
  for (let i = 0; i < b.length; i++) if (contains(a, b.at(i)) === true) return true;
  return false;
}

const comparable = ["int", "uint", "double", "bool", "duration", "timestamp", "string", "bytes"];

export const listLibrary: readonly Overload[] = [
  ...comparable.flatMap((type) => [
    overload(`list(${type}).isSorted() -> bool`, isSorted, wholeList),
    overload(`list(${type}).min() -> ${type}`, extreme(-1, "min"), wholeList),
    overload(`list(${type}).max() -> ${type}`, extreme(1, "max"), wholeList),
  ]),
  overload("list(int).sum() -> int", sum<Int>(0, add, isInt), wholeList),
  overload("list(uint).sum() -> uint", sum(new Uint(0n), uintMath.add, isUint), wholeList),
  overload("list(double).sum() -> double", sum(new Double(0), (a, b) => new Double(a.value + b.value), isDouble), wholeList),
  overload("list(duration).sum() -> duration", sum(new Duration(0n), (a, b) => durationOf(a.nanos + b.nanos), isDuration), wholeList),
  overload("list(A).indexOf(A) -> int", (list: ListValue, wanted: Value) => indexOf(list, wanted, false), wholeList),
  overload("list(A).lastIndexOf(A) -> int", (list: ListValue, wanted: Value) => indexOf(list, wanted, true), wholeList),
];

export const setLibrary: readonly Overload[] = [
  overload("sets::contains(list(A), list(A)) -> bool", containsAll, crossing(1)),
  overload("sets::equivalent(list(A), list(A)) -> bool", equivalent, crossing(2)),
  overload("sets::intersects(list(A), list(A)) -> bool", intersects, crossing(1)),
];
