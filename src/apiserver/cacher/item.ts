import type { KubeObject } from "#apimachinery/meta.ts";
import type { Revision } from "#storage/store.ts";
import { asBuffer, parseObject, unpooled, withRevision } from "./encoding.ts";
import { placeOf } from "./keys.ts";

const written = new WeakMap<Uint8Array, Item>();

/** The item of bytes that were written: the answer to the writer and the watch cache share one, as far as the store hands on the very bytes that it was given. */
export function writtenItem(prefix: string, key: string, value: Uint8Array, revision: Revision): Item {
  const known = written.get(value);
  if (known?.revision === revision) return known;
  const item = new Item(prefix, key, value, revision);
  written.set(value, item);
  return item;
}

/** One object at one revision: its bytes, complete, and what was made of them so far. Immutable. */
export class Item {
  readonly key: string;
  readonly namespace: string;
  readonly name: string;
  readonly revision: Revision;
  /** JSON with the resourceVersion in it; without one at revision 0, which is no revision (dry run). */
  readonly json: Buffer;
  #shared: KubeObject | undefined;
  #derived: Map<string, Buffer> | undefined;

  constructor(prefix: string, key: string, value: Uint8Array, revision: Revision) {
    const { namespace, name } = placeOf(prefix, key);
    this.key = key;
    this.namespace = namespace;
    this.name = name;
    this.revision = revision;
    this.json = revision === 0 ? asBuffer(value) : withRevision(value, revision);
  }

  /** A copy of its own for every caller. */
  parse<T extends KubeObject = KubeObject>(): T {
    return parseObject<T>(this.json);
  }

  /** Parsed once and kept; must not be changed. */
  get shared(): KubeObject {
    return (this.#shared ??= parseObject(this.json));
  }

  /** Other encodings of the same object, made on first request and kept with it. */
  derived(format: string, make: () => Buffer): Buffer {
    this.#derived ??= new Map();
    const known = this.#derived.get(format);
    if (known !== undefined) return known;
    const made = unpooled(make());
    this.#derived.set(format, made);
    return made;
  }

  /** The same object with another resourceVersion: as it is told to watchers when it goes away. */
  at(prefix: string, revision: Revision): Item {
    return new Item(prefix, this.key, this.json, revision);
  }
}
