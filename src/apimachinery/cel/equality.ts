/** Equality and order of values. Upstream: cel-go common/types Equal, Compare */
import { touch } from "./budget.ts";
import { ListValue, MapValue } from "./containers.ts";
import { KeyedList, SetList } from "./schema-lists.ts";
import { numeric } from "./numbers.ts";
import { Boxed, Bytes, CelError, Double, Duration, noSuchOverload, Opaque, Optional, Timestamp, TypeValue, type Value } from "./values.ts";

/** Values of different kinds are unequal, numbers of different kinds may be equal; an error only comes out of broken data within. */
export function equal(a: Value, b: Value): boolean | CelError {
  if (typeof a === "string" || typeof a === "boolean" || a === null) return a === b;
  const left = numeric(a);
  // eslint-disable-next-line eqeqeq -- a bigint and a number of the same value are equal
  if (left !== undefined) { const right = numeric(b); return right !== undefined && left == right; }
  if (!(a instanceof Boxed) || !(b instanceof Boxed)) return false;
  if (a instanceof CelError) return a;
  if (b instanceof CelError) return b;
  return a.kind === b.kind && equalBoxed(a, b);
}

function equalBoxed(a: Boxed, b: Boxed): boolean | CelError {
  if (a instanceof ListValue && b instanceof ListValue) return equalLists(a, b);
  if (a instanceof MapValue && b instanceof MapValue) return equalMaps(a, b);
  if (a instanceof Bytes && b instanceof Bytes) return Buffer.compare(a.value, b.value) === 0;
  if ((a instanceof Timestamp && b instanceof Timestamp) || (a instanceof Duration && b instanceof Duration)) return a.nanos === b.nanos;
  if (a instanceof TypeValue && b instanceof TypeValue) return a.name === b.name;
  if (a instanceof Optional && b instanceof Optional) return a.value === undefined || b.value === undefined ? a.value === b.value : equal(a.value, b.value);
  if (a instanceof Opaque && b instanceof Opaque) return a.equals(b);
  return a === b;
}

function equalLists(a: ListValue, b: ListValue): boolean | CelError {
  if (a.length !== b.length) return false;
  touch(a.length);
  if (a instanceof SetList || a instanceof KeyedList) return a.equals(b, equal);
  if (b instanceof SetList || b instanceof KeyedList) return b.equals(a, equal);
  for (let i = 0; i < a.length; i++) {
    const same = equal(a.at(i), b.at(i));
    if (same !== true) return same;
  }
  return true;
}

function equalMaps(a: MapValue, b: MapValue): boolean | CelError {
  if (a.size !== b.size) return false;
  touch(a.size);
  for (const key of a.keys()) {
    const other = b.get(key);
    if (other === undefined) return false;
    const same = equal(a.get(key) ?? null, other);
    if (same !== true) return same;
  }
  return true;
}

/** Negative, zero or positive; an error for values without an order between them, NaN among them. */
export function compare(a: Value, b: Value): number | CelError {
  if (typeof a === "number" && typeof b === "number") return a - b;
  if (typeof a === "string" && typeof b === "string") return compareText(a, b);
  if (typeof a === "boolean" && typeof b === "boolean") return Number(a) - Number(b);
  const left = numeric(a);
  const right = numeric(b);
  if (left !== undefined && right !== undefined) {
    const doubles = a instanceof Double || b instanceof Double; // upstream compares as doubles then, at their precision
    return doubles ? compareNumbers(Number(left), Number(right)) : compareNumbers(left, right);
  }
  if (a instanceof Bytes && b instanceof Bytes) return Buffer.compare(a.value, b.value);
  if ((a instanceof Timestamp && b instanceof Timestamp) || (a instanceof Duration && b instanceof Duration)) return a.nanos < b.nanos ? -1 : a.nanos > b.nanos ? 1 : 0;
  return a instanceof CelError ? a : b instanceof CelError ? b : noSuchOverload;
}

function compareNumbers(a: number | bigint, b: number | bigint): number | CelError {
  if (a < b) return -1;
  if (a > b) return 1;
  return Number.isNaN(a) || Number.isNaN(b) ? new CelError("NaN values cannot be ordered") : 0;
}

/** Go orders strings by bytes; JavaScript by UTF-16 units, which differs only where surrogates are. */
function compareText(a: string, b: string): number {
  if (a === b) return 0;
  const surrogates = /[\ud800-\udfff]/;
  if (surrogates.test(a) || surrogates.test(b)) return Buffer.compare(Buffer.from(a), Buffer.from(b));
  return a < b ? -1 : 1;
}

/** `x in list`. */
export function contains(list: ListValue, value: Value): boolean | CelError {
  let failure: CelError | undefined;
  for (let i = 0; i < list.length; i++) {
    const same = equal(list.at(i), value);
    if (same === true) return true;
    if (same !== false) failure ??= same;
  }
  return failure ?? false;
}
