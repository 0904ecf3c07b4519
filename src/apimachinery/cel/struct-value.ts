/** An object that an expression made: `Object.spec{replicas: 3}`. */
import { MapValue } from "./containers.ts";
import type { Value } from "./values.ts";

export class StructValue extends MapValue {
  readonly typeName: string;
  readonly #fields: ReadonlyMap<string, Value>;
  constructor(typeName: string, fields: ReadonlyMap<string, Value>) {
    super();
    this.typeName = typeName;
    this.#fields = fields;
  }
  get size(): number { return this.#fields.size; }
  get(key: Value): Value | undefined { return typeof key === "string" ? this.#fields.get(key) : undefined; }
  keys(): readonly Value[] { return [...this.#fields.keys()]; }
}
