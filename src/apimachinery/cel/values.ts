/**
 * Values while an expression runs. An int is a number where that is exact and a bigint beyond; everything that
 * JavaScript has no primitive for is boxed. An error is a value like any other, since `||` and `&&` absorb it.
 */

/** The run-time type of a value; an opaque value's is its type's name. */
export type ValueKind = string;

export abstract class Boxed {
  abstract readonly kind: ValueKind;
}

export type Value = null | boolean | number | bigint | string | Boxed;

export class CelError extends Boxed {
  readonly kind = "error";
  readonly message: string;
  constructor(message: string) {
    super();
    this.message = message;
  }
}

export class Uint extends Boxed {
  readonly kind = "uint";
  readonly value: bigint;
  constructor(value: bigint) {
    super();
    this.value = value;
  }
}

export class Double extends Boxed {
  readonly kind = "double";
  readonly value: number;
  constructor(value: number) {
    super();
    this.value = value;
  }
}

export class Bytes extends Boxed {
  readonly kind = "bytes";
  readonly value: Uint8Array;
  constructor(value: Uint8Array) {
    super();
    this.value = value;
  }
}

/** A point in time, in nanoseconds since 1970. */
export class Timestamp extends Boxed {
  readonly kind = "timestamp";
  readonly nanos: bigint;
  constructor(nanos: bigint) {
    super();
    this.nanos = nanos;
  }
}

export class Duration extends Boxed {
  readonly kind = "duration";
  readonly nanos: bigint;
  constructor(nanos: bigint) {
    super();
    this.nanos = nanos;
  }
}

export class TypeValue extends Boxed {
  readonly kind = "type";
  readonly name: string;
  constructor(name: string) {
    super();
    this.name = name;
  }
}

/** A value that may be absent: `optional.of(x)`, `optional.none()`. */
export class Optional extends Boxed {
  readonly kind = "optional_type";
  readonly value: Value | undefined;
  constructor(value: Value | undefined) {
    super();
    this.value = value;
  }
  static readonly none: Optional = new Optional(undefined);
}

/** A library's own value: a quantity, an address. The payload is the library's. */
export class Opaque<T> extends Boxed {
  readonly kind: ValueKind;
  readonly payload: T;
  readonly #same: (a: T, b: T) => boolean;
  /** @param same when two payloads are equal; by identity where nothing is said */
  constructor(kind: ValueKind, payload: T, same: (a: T, b: T) => boolean = Object.is) {
    super();
    this.kind = kind;
    this.payload = payload;
    this.#same = same;
  }
  equals(other: Opaque<T>): boolean {
    return this.kind === other.kind && this.#same(this.payload, other.payload);
  }
}

export const isError = (value: Value): value is CelError => value instanceof CelError;
export const noSuchOverload: CelError = new CelError("no such overload");
export const noSuchKey = (key: Value): CelError => new CelError(`no such key: ${plainText(key)}`);

export function kindOf(value: Value): ValueKind {
  if (typeof value === "object") return value === null ? "null_type" : value.kind;
  return typeof value === "string" ? "string" : typeof value === "boolean" ? "bool" : "int";
}

/** The name that `type(x)` answers with. */
export function typeNameOf(value: Value): string {
  const kind = kindOf(value);
  if (kind === "timestamp") return "google.protobuf.Timestamp";
  return kind === "duration" ? "google.protobuf.Duration" : kind;
}

function plainText(value: Value): string {
  if (value instanceof Uint || value instanceof Double) return String(value.value);
  return typeof value === "object" ? typeNameOf(value) : String(value);
}
