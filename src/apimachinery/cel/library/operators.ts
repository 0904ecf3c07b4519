/** The operators, but for those that do not evaluate all their operands. Upstream: cel-go common/stdlib/standard.go */
import { flat, joined, joinedLists, perItem, shorter } from "../call-costs.ts";
import type { ListValue, MapValue } from "../containers.ts";
import { overload, type Overload } from "../declarations.ts";
import { compare, contains, equal } from "../equality.ts";
import { add, divide, modulo, multiply, negate, subtract, uintMath, type Int } from "../numbers.ts";
import { durationOf, timestampOf } from "../time-values.ts";
import { Bytes, CelError, Double, isError, noSuchKey, Optional, type Duration, type Timestamp, type Value } from "../values.ts";

const negated = (value: boolean | CelError): boolean | CelError => (typeof value === "boolean" ? !value : value);

const equality: readonly Overload[] = [
  overload("_==_(A, A) -> bool", (a: Value, b: Value) => equal(a, b), shorter),
  overload("_!=_(A, A) -> bool", (a: Value, b: Value) => negated(equal(a, b)), shorter),
  overload("!_(bool) -> bool", (a: boolean) => !a),
];

const arithmetic: readonly Overload[] = [
  overload("_+_(int, int) -> int", add),
  overload("_+_(uint, uint) -> uint", uintMath.add),
  overload("_+_(double, double) -> double", (a: Double, b: Double) => new Double(a.value + b.value)),
  overload("_+_(string, string) -> string", (a: string, b: string) => a + b, joined),
  overload("_+_(bytes, bytes) -> bytes", (a: Bytes, b: Bytes) => new Bytes(Buffer.concat([a.value, b.value])), joined),
  overload("_+_(list(A), list(A)) -> list(A)", (a: ListValue, b: ListValue) => a.plus(b), joinedLists),
  overload("_+_(timestamp, duration) -> timestamp", (a: Timestamp, b: Duration) => timestampOf(a.nanos + b.nanos)),
  overload("_+_(duration, timestamp) -> timestamp", (a: Duration, b: Timestamp) => timestampOf(a.nanos + b.nanos)),
  overload("_+_(duration, duration) -> duration", (a: Duration, b: Duration) => durationOf(a.nanos + b.nanos)),
  overload("_-_(int, int) -> int", subtract),
  overload("_-_(uint, uint) -> uint", uintMath.subtract),
  overload("_-_(double, double) -> double", (a: Double, b: Double) => new Double(a.value - b.value)),
  overload("_-_(timestamp, timestamp) -> duration", (a: Timestamp, b: Timestamp) => durationOf(a.nanos - b.nanos)),
  overload("_-_(timestamp, duration) -> timestamp", (a: Timestamp, b: Duration) => timestampOf(a.nanos - b.nanos)),
  overload("_-_(duration, duration) -> duration", (a: Duration, b: Duration) => durationOf(a.nanos - b.nanos)),
  overload("_*_(int, int) -> int", multiply),
  overload("_*_(uint, uint) -> uint", uintMath.multiply),
  overload("_*_(double, double) -> double", (a: Double, b: Double) => new Double(a.value * b.value)),
  overload("_/_(int, int) -> int", divide),
  overload("_/_(uint, uint) -> uint", uintMath.divide),
  overload("_/_(double, double) -> double", (a: Double, b: Double) => new Double(a.value / b.value)),
  overload("_%_(int, int) -> int", modulo),
  overload("_%_(uint, uint) -> uint", uintMath.modulo),
  overload("-_(int) -> int", negate),
  overload("-_(double) -> double", (a: Double) => new Double(-a.value)),
];

type Test = (order: number) => boolean;
const orders: readonly (readonly [operator: string, holds: Test])[] = [["<", (o) => o < 0], ["<=", (o) => o <= 0], [">", (o) => o > 0], [">=", (o) => o >= 0]];
const sameKind = ["bool", "int", "uint", "double", "timestamp", "duration"].map((kind): readonly [string, string] => [kind, kind]);
const acrossKinds: readonly (readonly [string, string])[] = [["int", "uint"], ["int", "double"], ["uint", "int"], ["uint", "double"], ["double", "int"], ["double", "uint"]];

const ordered = (holds: Test) => (a: Value, b: Value): boolean | CelError => {
  if (typeof a === "number" && typeof b === "number") return holds(a - b);
  const order = compare(a, b);
  return typeof order === "number" ? holds(order) : order;
};

const comparison: readonly Overload[] = orders.flatMap(([operator, holds]) => [
  ...[...sameKind, ...acrossKinds].map(([a, b]) => overload(`_${operator}_(${a}, ${b}) -> bool`, ordered(holds))),
  ...["string", "bytes"].map((kind) => overload(`_${operator}_(${kind}, ${kind}) -> bool`, ordered(holds), shorter)),
]);

function at(list: ListValue, index: Int): Value {
  return index >= 0 && index < list.length ? list.at(Number(index)) : new CelError(`index out of bounds: ${index}`);
}
function under(map: MapValue, key: Value): Value {
  const value = map.get(key);
  return value === undefined ? noSuchKey(key) : value;
}
/** The value that a look-up found, as an optional; any failure to find is none. */
const optional = (value: Value | undefined): Value => (value === undefined ? Optional.none : isError(value) ? value : new Optional(value));
const itemIfAny = (list: ListValue, index: Int): Value => (index >= 0 && index < list.length ? optional(list.at(Number(index))) : Optional.none);
const inside = <T extends Value>(of: Optional, look: (value: T) => Value): Value => (of.value === undefined ? Optional.none : look(of.value as T));
const entryIfAny = (map: MapValue, key: Value): Value => optional(map.get(key));

const access: readonly Overload[] = [
  overload("_[_](list(A), int) -> A", at, flat(1)),
  overload("_[_](map(K, V), K) -> V", under, flat(1)),
  overload("_[_](optional(list(A)), int) -> optional(A)", (of: Optional, index: Int) => inside<ListValue>(of, (list) => itemIfAny(list, index))),
  overload("_[_](optional(map(K, V)), K) -> optional(V)", (of: Optional, key: Value) => inside<MapValue>(of, (map) => entryIfAny(map, key))),
  overload("_[?_](list(A), int) -> optional(A)", itemIfAny),
  overload("_[?_](map(K, V), K) -> optional(V)", entryIfAny),
  overload("_[?_](optional(list(A)), int) -> optional(A)", (of: Optional, index: Int) => inside<ListValue>(of, (list) => itemIfAny(list, index))),
  overload("_[?_](optional(map(K, V)), K) -> optional(V)", (of: Optional, key: Value) => inside<MapValue>(of, (map) => entryIfAny(map, key))),
  overload("@in(A, list(A)) -> bool", (value: Value, list: ListValue) => contains(list, value), perItem(1)),
  overload("@in(A, map(A, B)) -> bool", (key: Value, map: MapValue) => map.has(key)),
];

export const operators: readonly Overload[] = [...equality, ...arithmetic, ...comparison, ...access];
