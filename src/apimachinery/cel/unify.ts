/** Which type may stand where another is asked for, and what type parameters become meanwhile. Upstream: cel-go checker/types.go, mapping.go */
import { dynType, isDynamic, sameType, type CelType } from "./types.ts";

export class Substitution {
  readonly #bound = new Map<string, CelType>();
  /** What parameters were before, newest last: a failed attempt is taken back without copying the rest. */
  readonly #trail: (readonly [name: string, before: CelType | undefined])[] = [];
  #fresh = 0;

  newParam(): CelType {
    return { kind: "param", name: `_var${this.#fresh++}`, params: [] };
  }

  /** True, and parameters bound, if all of `from` may stand for all of `to`; false, and nothing changed, if not. */
  assignable(to: readonly CelType[], from: readonly CelType[]): boolean {
    if (to.length !== from.length) return false;
    this.#trail.length = 0;
    if (to.every((type, i) => this.#fits(type, from[i] as CelType))) return true;
    for (const [name, before] of this.#trail.toReversed()) {
      if (before === undefined) this.#bound.delete(name);
      else this.#bound.set(name, before);
    }
    return false;
  }

  /** The type with its parameters replaced; by dyn where they stayed free, if asked. */
  apply(type: CelType, freeToDyn = false): CelType {
    if (type.kind === "param") {
      const bound = this.#bound.get(type.name);
      return bound !== undefined ? this.apply(bound, freeToDyn) : freeToDyn ? dynType : type;
    }
    if (type.params.length === 0) return type;
    return { ...type, params: type.params.map((param) => this.apply(param, freeToDyn)) };
  }

  #fits(to: CelType, from: CelType): boolean {
    if (to.kind === "param") return this.#bind(to, from);
    if (from.kind === "param") return this.#bind(from, to);
    if (isDynamic(to) || isDynamic(from)) return true;
    if (to.kind === "null" || from.kind === "null") return takesNull(to) && takesNull(from);
    if (to.kind !== from.kind || to.name !== from.name) return false;
    return to.kind === "type" || (to.params.length === from.params.length && to.params.every((param, i) => this.#fits(param, from.params[i] as CelType)));
  }

  #bind(param: CelType, type: CelType): boolean {
    if (type.kind === "param" && type.name === param.name) return true;
    const bound = this.#bound.get(param.name);
    if (bound !== undefined) {
      if (!this.#fits(bound, type)) return false;
      if (lessSpecific(type, bound)) this.#set(param.name, type, bound);
      return true;
    }
    if (this.#mentions(type, param.name)) return false;
    this.#set(param.name, type, undefined);
    return true;
  }

  #set(name: string, type: CelType, before: CelType | undefined): void {
    this.#trail.push([name, before]);
    this.#bound.set(name, type);
  }

  #mentions(type: CelType, name: string): boolean {
    if (type.kind !== "param") return type.params.some((param) => this.#mentions(param, name));
    const bound = this.#bound.get(type.name);
    return type.name === name || (bound !== undefined && this.#mentions(bound, name));
  }
}

const takesNull = (type: CelType): boolean => ["null", "object", "timestamp", "duration", "opaque"].includes(type.kind);

/** True if `a` stands for at least the values that `b` does. */
export function lessSpecific(a: CelType, b: CelType): boolean {
  if (isDynamic(a) || a.kind === "param") return true;
  if (isDynamic(b) || b.kind === "param") return false;
  if (a.kind !== b.kind || a.name !== b.name || a.params.length !== b.params.length) return false;
  return sameType(a, b) || a.params.every((param, i) => lessSpecific(param, b.params[i] as CelType));
}

/** Replaces named parameters by those of the map: makes an overload's types fresh for one call. */
export function instantiate(type: CelType, params: Map<string, CelType>, fresh: () => CelType): CelType {
  if (type.kind === "param") {
    const known = params.get(type.name) ?? fresh();
    params.set(type.name, known);
    return known;
  }
  return type.params.length === 0 ? type : { ...type, params: type.params.map((param) => instantiate(param, params, fresh)) };
}
