/** From a checked tree to closures that run it. Upstream: cel-go interpreter/planner.go */
import type { Expr, Ident, ListExpr, Literal, MapExpr, Select, StructExpr } from "./ast.ts";
import { identCost, listCost, mapCost, structCost } from "./budget.ts";
import type { Checked } from "./checker.ts";
import { ArrayList, EntryMap, MapValue } from "./containers.ts";
import type { Step } from "./frame.ts";
import { planCall } from "./plan-calls.ts";
import { planLoop } from "./plan-loops.ts";
import { StructValue } from "./struct-value.ts";
import { CelError, isError, noSuchKey, noSuchOverload, Optional, TypeValue, type Value } from "./values.ts";

/** The step of an expression that has no issues. */
export const plan = (checked: Checked): Step => new Planner(checked).step(checked.expr);

export class Planner {
  readonly checked: Checked;
  /** Names in scope, each at the index of its slot. */
  readonly #scope: string[] = [];

  constructor(checked: Checked) {
    this.checked = checked;
  }

  step(expr: Expr): Step {
    const type = this.checked.typeNames.get(expr);
    if (type !== undefined) return constant(new TypeValue(type));
    switch (expr.kind) {
      case "literal": return constant(expr.value);
      case "ident": return this.#ident(expr);
      case "select": return this.#select(expr);
      case "call": return planCall(this, expr);
      case "list": return this.#list(expr);
      case "map": return this.#map(expr);
      case "struct": return this.#struct(expr);
      case "loop": return planLoop(this, expr);
      case "bind": {
        const init = this.step(expr.init);
        const [[slot], body] = this.within([expr.variable], () => this.step(expr.body));
        return bindOnce(init, slot ?? 0, body);
      }
      case "optMap": {
        const target = this.step(expr.target);
        const [[slot], body] = this.within([expr.variable], () => this.step(expr.body));
        return optMap(target, slot ?? 0, body, expr.flat);
      }
    }
  }

  /** Plans something that sees the variables, and tells their slots. */
  within<T>(names: readonly string[], inner: () => T): readonly [slots: readonly number[], result: T] {
    const slots = names.map((name) => this.#scope.push(name) - 1);
    const result = inner();
    this.#scope.length -= names.length;
    return [slots, result];
  }

  #ident({ name }: Ident): Step {
    const slot = this.#scope.lastIndexOf(name);
    if (slot < 0) return (frame) => { frame.spend(identCost); return frame.variable(name); };
    return (frame) => { frame.spend(identCost); return frame.slots[slot] ?? null; };
  }

  #select(select: Select): Step {
    const { operand, field, test, optional } = select;
    const name = this.checked.dotted.get(select);
    if (name !== undefined) return (frame) => { frame.spend(identCost); return frame.variable(name); };
    const of = this.step(operand);
    if (test) return (frame) => hasField(of(frame), field);
    return (frame) => {
      const target = of(frame);
      frame.spend(identCost);
      return optional ? optionalField(target, field) : fieldOf(target, field);
    };
  }

  #list({ items, optional }: ListExpr): Step {
    if (optional.size === 0 && items.every(isLiteral)) return constant(new ArrayList(items.map((item) => item.value)));
    const steps = items.map((item) => this.step(item));
    return (frame) => {
      const values: Value[] = [];
      for (const [i, step] of steps.entries()) {
        const value = step(frame);
        if (isError(value)) return value;
        const kept = optional.has(i) ? present(value) : value;
        if (kept !== undefined) values.push(kept);
      }
      frame.spend(listCost);
      return new ArrayList(values);
    };
  }

  #map({ entries }: MapExpr): Step {
    const steps = entries.map((entry) => ({ key: this.step(entry.key), value: this.step(entry.value), optional: entry.optional }));
    return (frame) => {
      const made: (readonly [Value, Value])[] = [];
      for (const step of steps) {
        const key = step.key(frame);
        const value = step.value(frame);
        if (isError(key)) return key;
        if (isError(value)) return value;
        const kept = step.optional ? present(value) : value;
        if (kept !== undefined) made.push([key, kept]);
      }
      frame.spend(mapCost);
      return EntryMap.of(made);
    };
  }

  #struct({ type, fields }: StructExpr): Step {
    const steps = fields.map((field) => ({ ...field, step: this.step(field.value) }));
    return (frame) => {
      const made = new Map<string, Value>();
      for (const { name, step, optional } of steps) {
        const value = step(frame);
        if (isError(value)) return value;
        const kept = optional ? present(value) : value;
        if (kept !== undefined) made.set(name, kept);
      }
      frame.spend(structCost);
      return new StructValue(type, made);
    };
  }
}

const constant = (value: Value): Step => () => value;
const isLiteral = (expr: Expr): expr is Literal => expr.kind === "literal";
/** The value inside an optional, or undefined where there is none. */
const present = (value: Value): Value | undefined => (value instanceof Optional ? value.value : noSuchOverload);

/** The error of a binding counts only where the variable is read. */
function bindOnce(init: Step, slot: number, body: Step): Step {
  return (frame) => {
    frame.slots[slot] = init(frame);
    return body(frame);
  };
}

function optMap(target: Step, slot: number, body: Step, flat: boolean): Step {
  return (frame) => {
    const optional = target(frame);
    if (!(optional instanceof Optional)) return isError(optional) ? optional : noSuchOverload;
    if (optional.value === undefined) return Optional.none;
    frame.slots[slot] = optional.value;
    const result = body(frame);
    return flat || isError(result) ? result : new Optional(result);
  };
}

function fieldOf(target: Value, field: string): Value {
  if (!(target instanceof MapValue)) return target instanceof Optional ? optionalField(target, field) : isError(target) ? target : noSuchOverload;
  const value = target.get(field);
  return value === undefined ? noSuchKey(field) : value;
}

function optionalField(target: Value, field: string): Value {
  const from = target instanceof Optional ? target.value : target;
  if (from === undefined) return Optional.none;
  if (!(from instanceof MapValue)) return isError(from) ? from : noSuchOverload;
  const value = from.get(field);
  return value === undefined ? Optional.none : value instanceof CelError ? value : new Optional(value);
}

function hasField(target: Value, field: string): Value {
  const found = optionalField(target, field);
  return found instanceof Optional ? found.value !== undefined : found;
}
