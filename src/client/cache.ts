import { keyOf, type KubeObject } from "#apimachinery/meta.ts";
import type { Lister } from "./lister.ts";

type Values<T> = (obj: T) => readonly string[];
const none: readonly never[] = [];
interface Index<T> { readonly values: Values<T>; readonly entries: Map<string, Map<string, T>> }

/** Objects by key, with indexes over them. */
export class Cache<T extends KubeObject> implements Lister<T> {
  readonly #objects = new Map<string, T>();
  readonly #indexes = new Map<string, Index<T>>();
  static readonly #byNamespace = "\0namespace";

  constructor() {
    this.addIndex(Cache.#byNamespace, (obj) => [obj.metadata.namespace ?? ""]);
  }

  get(key: string): T | undefined { return this.#objects.get(key); }
  list(namespace?: string): readonly T[] { return namespace === undefined ? [...this.#objects.values()] : this.by(Cache.#byNamespace, namespace); }
  keys(): IterableIterator<string> { return this.#objects.keys(); }

  by(index: string, value: string): readonly T[] {
    const found = this.#indexes.get(index);
    if (found === undefined) throw new Error(`no index ${index}`);
    const entry = found.entries.get(value);
    return entry === undefined ? none : [...entry.values()];
  }

  /** A second index of one name must mean the same as the first. */
  addIndex(name: string, values: Values<T>): void {
    if (this.#indexes.has(name)) return;
    const index: Index<T> = { values, entries: new Map() };
    this.#indexes.set(name, index);
    for (const [key, obj] of this.#objects) put(index, key, obj);
  }

  /** Returns what stood there before. */
  set(obj: T): T | undefined {
    const key = keyOf(obj);
    const old = this.remove(key);
    this.#objects.set(key, obj);
    for (const index of this.#indexes.values()) put(index, key, obj);
    return old;
  }

  remove(key: string): T | undefined {
    const old = this.#objects.get(key);
    if (old === undefined) return undefined;
    this.#objects.delete(key);
    for (const { values, entries } of this.#indexes.values()) {
      for (const value of values(old)) {
        const entry = entries.get(value);
        entry?.delete(key);
        if (entry?.size === 0) entries.delete(value);
      }
    }
    return old;
  }
}

function put<T>({ values, entries }: Index<T>, key: string, obj: T): void {
  for (const value of values(obj)) {
    let entry = entries.get(value);
    if (entry === undefined) entries.set(value, entry = new Map<string, T>());
    entry.set(key, obj);
  }
}
