/** Lists whose schema makes them sets or keyed by fields: their order does not count, and adding merges. Upstream: apiserver/pkg/cel/common values.go */
import { isRecord } from "../equal.ts";
import { touch } from "./budget.ts";
import { JsonList, JsonMap, ListValue, type Reader } from "./containers.ts";
import { ObjectView } from "./object-view.ts";
import { CelError, Double, noSuchOverload, Uint, type Value } from "./values.ts";

type Equal = (a: Value, b: Value) => boolean | CelError;

/** `x-kubernetes-list-type: set`: equal to every list of the same items, plus is union. */
export class SetList extends JsonList {
  equals(other: ListValue): boolean {
    const known = new Set(this.items.map(identity));
    return other.toArray().every((item) => known.has(identity(plain(item))));
  }
  override plus(other: ListValue): ListValue {
    const known = new Set(this.items.map(identity));
    const added = other.toArray().map(plain).filter((item) => !known.has(identity(item)) && known.add(identity(item)));
    return new SetList([...this.items, ...added], this.read);
  }
}

/** `x-kubernetes-list-type: map`: items are compared by their keys, plus overwrites where keys meet. */
export class KeyedList extends JsonList {
  readonly #keys: readonly string[];
  constructor(items: readonly unknown[], read: Reader, keys: readonly string[]) {
    super(items, read);
    this.#keys = keys;
  }
  equals(other: ListValue, equal: Equal): boolean | CelError {
    const byKey = new Map(this.items.map((item) => [this.#keyOf(item), item]));
    for (const item of other.toArray()) {
      const key = this.#keyOf(plain(item));
      if (!byKey.has(key)) return false;
      const same = equal(this.read(byKey.get(key)), item);
      if (same !== true) return same;
    }
    return true;
  }
  override plus(other: ListValue): ListValue {
    const merged = new Map(this.items.map((item) => [this.#keyOf(item), item]));
    for (const item of other.toArray()) merged.set(this.#keyOf(plain(item)), plain(item));
    return new KeyedList([...merged.values()], this.read, this.#keys);
  }
  #keyOf(item: unknown): string {
    return identity(this.#keys.map((key) => (isRecord(item) && Object.hasOwn(item, key) ? item[key] : null)));
  }
}

const identity = (json: unknown): string => JSON.stringify(json) ?? "";

/** The JSON that a value was read from; literals as JSON would have them. */
function plain(value: Value): unknown {
  touch(1);
  if (value instanceof JsonMap || value instanceof ObjectView) return value.record;
  if (value instanceof JsonList) return value.items;
  if (value instanceof Double) return value.value;
  if (value instanceof Uint) return Number(value.value);
  if (value instanceof ListValue) return value.toArray().map(plain);
  return typeof value === "bigint" ? Number(value) : typeof value === "object" && value !== null ? noSuchOverload : value;
}
