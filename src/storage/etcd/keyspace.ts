/** How the store's keys are called in etcd. */
export interface Range { readonly key: Uint8Array; readonly rangeEnd: Uint8Array }

/** Maps keys that begin with `root` to keys that begin with `prefix`, behind which a `/` or a `.` follows. */
export class Keyspace {
  readonly #root: string;
  readonly #prefix: string;
  /** Written to make watches progress. It sorts right before all keys of the store and is none of them. */
  readonly marker: Uint8Array;

  constructor(root: string, prefix: string) {
    this.#root = root;
    this.#prefix = prefix;
    this.marker = Buffer.from(`${prefix}-~progress`);
  }

  toEtcd(key: string): Uint8Array {
    if (!key.startsWith(this.#root) || key.length === this.#root.length || !key.isWellFormed()) throw new TypeError(`not a key: ${JSON.stringify(key)}`);
    return Buffer.from(this.#prefix + key.slice(this.#root.length));
  }

  fromEtcd(key: Uint8Array): string {
    return this.#root + Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString().slice(this.#prefix.length);
  }

  /** Whether every object's key begins with `prefix`. */
  isWhole(prefix: string): boolean {
    return `${this.#root}/`.startsWith(prefix);
  }

  /** All keys that begin with `prefix`. */
  range(prefix: string): Range {
    if (this.#root.startsWith(prefix)) return { key: Buffer.from(`${this.#prefix}.`), rangeEnd: Buffer.from(`${this.#prefix}0`) };
    const key = this.toEtcd(prefix);
    return { key, rangeEnd: endOf(key) };
  }

  /** All keys and the marker. */
  get everything(): Range {
    return { key: this.marker, rangeEnd: Buffer.from(`${this.#prefix}0`) };
  }
}

/** The first key that is greater than `key`. */
export const after = (key: Uint8Array): Uint8Array => Buffer.concat([key, Buffer.of(0)]);

/** The first key behind all that begin with `prefix`, which is UTF-8 and so has no byte 255. */
function endOf(prefix: Uint8Array): Uint8Array {
  const end = Buffer.from(prefix);
  end[end.length - 1] = (end.at(-1) ?? 0) + 1;
  return end;
}
