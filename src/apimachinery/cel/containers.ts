/** Lists and maps, over literals and over JSON that is read only where an expression looks. */
import { costLimitExceeded, maxJoined } from "./budget.ts";
import { Boxed, Bytes, CelError, Double, Uint, type Value } from "./values.ts";

/** Makes the CEL value of a JSON value. */
export type Reader = (json: unknown) => Value;

export abstract class ListValue extends Boxed {
  readonly kind = "list";
  abstract readonly length: number;
  /** The item at an index that is in range. */
  abstract at(index: number): Value;
  /** Kubernetes' sets and keyed lists add in a way of their own. */
  plus(other: ListValue): ListValue {
    if (this.length === 0) return other;
    return other.length === 0 ? this : new JoinedList(this, other);
  }
  toArray(): Value[] {
    return Array.from({ length: this.length }, (_, i) => this.at(i));
  }
}

export class ArrayList extends ListValue {
  readonly #items: readonly Value[];
  constructor(items: readonly Value[]) {
    super();
    this.#items = items;
  }
  get length(): number { return this.#items.length; }
  at(index: number): Value { return this.#items[index] ?? null; }
}

/** `a + b` in constant time. */
class JoinedList extends ListValue {
  readonly #left: ListValue;
  readonly #right: ListValue;
  readonly length: number;
  constructor(left: ListValue, right: ListValue) {
    super();
    this.#left = left;
    this.#right = right;
    this.length = left.length + right.length;
    if (this.length > maxJoined) throw costLimitExceeded;
  }
  at(index: number): Value {
    return index < this.#left.length ? this.#left.at(index) : this.#right.at(index - this.#left.length);
  }
}

export class JsonList extends ListValue {
  readonly items: readonly unknown[];
  readonly read: Reader;
  constructor(items: readonly unknown[], read: Reader) {
    super();
    this.items = items;
    this.read = read;
  }
  get length(): number { return this.items.length; }
  at(index: number): Value { return this.read(this.items[index]); }
}

export abstract class MapValue extends Boxed {
  readonly kind = "map";
  abstract readonly size: number;
  /** The value under a key, an error if it cannot be read, or undefined where there is none. */
  abstract get(key: Value): Value | undefined;
  abstract keys(): readonly Value[];
  /** What `in` answers. */
  has(key: Value): boolean { return this.get(key) !== undefined; }
}

type Key = string | number | bigint | boolean;

/** Numbers that are equal are the same key. Undefined: not a key. */
function keyOf(value: Value): Key | undefined {
  if (typeof value === "string" || typeof value === "boolean" || typeof value === "number" || typeof value === "bigint") return value;
  if (value instanceof Uint) return value.value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value.value) : value.value;
  return value instanceof Double && Number.isSafeInteger(value.value) ? value.value : undefined;
}

export class EntryMap extends MapValue {
  readonly #entries: ReadonlyMap<Key, readonly [key: Value, value: Value]>;
  private constructor(entries: ReadonlyMap<Key, readonly [Value, Value]>) {
    super();
    this.#entries = entries;
  }
  /** An error if a key comes twice or cannot be one. */
  static of(entries: readonly (readonly [key: Value, value: Value])[]): EntryMap | CelError {
    const known = new Map<Key, readonly [Value, Value]>();
    for (const entry of entries) {
      const key = entry[0] instanceof Double ? undefined : keyOf(entry[0]);
      if (key === undefined) return new CelError("unsupported key type");
      if (known.has(key)) return new CelError(`Failed with repeated key`);
      known.set(key, entry);
    }
    return new EntryMap(known);
  }
  get size(): number { return this.#entries.size; }
  get(key: Value): Value | undefined {
    const known = keyOf(key);
    return known === undefined ? undefined : this.#entries.get(known)?.[1];
  }
  keys(): readonly Value[] { return [...this.#entries.values()].map(([key]) => key); }
}

export class JsonMap extends MapValue {
  readonly record: Readonly<Record<string, unknown>>;
  readonly read: Reader;
  constructor(record: Readonly<Record<string, unknown>>, read: Reader) {
    super();
    this.record = record;
    this.read = read;
  }
  get size(): number { return Object.keys(this.record).length; }
  get(key: Value): Value | undefined {
    return typeof key === "string" && Object.hasOwn(this.record, key) ? this.read(this.record[key]) : undefined;
  }
  keys(): readonly Value[] { return Object.keys(this.record); }
}

/** Items, bytes or code points; 1 for everything that has no size. */
export function sizeOf(value: Value): number {
  if (typeof value === "string") return codePoints(value);
  if (typeof value !== "object" || value === null) return 1;
  if (value instanceof ListValue) return value.length;
  if (value instanceof MapValue) return value.size;
  return value instanceof Bytes ? value.value.length : 1;
}

/** The length of a string as CEL counts it. */
export function codePoints(text: string): number {
  let count = text.length;
  for (let i = 0; i < text.length - 1; i++) {
    const unit = text.charCodeAt(i);
    if (unit >= 0xd800 && unit < 0xdc00 && (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00) { count--; i++; }
  }
  return count;
}
