/** An object of JSON seen through its schema: its fields under the names that expressions use. */
import { MapValue, type Reader } from "./containers.ts";
import type { CelType } from "./types.ts";
import type { Value } from "./values.ts";

export interface FieldBinding {
  /** The name in JSON. */
  readonly property: string;
  readonly binding: { readonly type: CelType; readonly read: Reader };
}

export class ObjectView extends MapValue {
  readonly record: Readonly<Record<string, unknown>>;
  readonly #field: (name: string) => FieldBinding | undefined;
  readonly #properties: ReadonlyMap<string, string>;
  constructor(record: Readonly<Record<string, unknown>>, field: (name: string) => FieldBinding | undefined, properties: ReadonlyMap<string, string>) {
    super();
    this.record = record;
    this.#field = field;
    this.#properties = properties;
  }
  get size(): number { return this.keys().length; }
  get(key: Value): Value | undefined {
    const found = typeof key === "string" ? this.#field(key) : undefined;
    return found === undefined || !Object.hasOwn(this.record, found.property) ? undefined : found.binding.read(this.record[found.property]);
  }
  keys(): readonly Value[] {
    return [...this.#properties].filter(([name, property]) => Object.hasOwn(this.record, property) && this.#field(name) !== undefined).map(([name]) => name);
  }
}
