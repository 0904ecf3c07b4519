/** What an expression can cost before it runs, from the bounds that types carry. Upstream: cel-go checker/cost.go */
import type { Call, Expr, Loop, Select } from "./ast.ts";
import { identCost, listCost, mapCost, structCost } from "./budget.ts";
import type { Estimate, Sized } from "./call-costs.ts";
import type { Checked } from "./checker.ts";
import { loopCosts } from "./loop-costs.ts";
import { fixed, plus, times, union, unknownSize, type Range } from "./sizes.ts";
import { dynType, unwrapOptional, type CelType } from "./types.ts";

export const estimate = (checked: Checked): Range => new Coster(checked).of(checked.expr).cost;

const nothing: Range = fixed(0);
const scalar: ReadonlySet<string> = new Set(["bool", "double", "duration", "int", "timestamp", "uint", "null"]);

class Coster {
  readonly #checked: Checked;
  /** Sizes that follow from an expression rather than from its type. */
  readonly #locals: (readonly [name: string, sized: Sized])[] = [];

  constructor(checked: Checked) {
    this.#checked = checked;
  }

  of(expr: Expr): Estimate & Sized {
    const type = this.#checked.types.get(expr) ?? dynType;
    const { cost, size, element } = this.#estimate(expr);
    return { type, cost, size: size ?? sizeOfType(type), element: element ?? elementOfType(type) };
  }

  #estimate(expr: Expr): Estimate {
    switch (expr.kind) {
      case "literal": return { cost: nothing };
      case "ident": {
        const local = this.#locals.findLast(([name]) => name === expr.name)?.[1];
        return { cost: fixed(identCost), ...(local === undefined ? {} : { size: local.size, element: local.element }) };
      }
      case "select": return this.#select(expr);
      case "call": return this.#call(expr);
      case "list": return this.#items(expr.items, listCost, fixed(expr.items.length));
      case "map": return this.#items(expr.entries.flatMap(({ key, value }) => [key, value]), mapCost, fixed(expr.entries.length), expr.entries.map(({ value }) => value));
      case "struct": return { cost: expr.fields.reduce((sum, field) => plus(sum, this.of(field.value).cost), fixed(structCost)) };
      case "loop": return this.#loop(expr);
      case "bind": {
        const init = this.of(expr.init);
        const body = this.#within([[expr.variable, init]], () => this.of(expr.body));
        return { ...body, cost: plus(fixed(listCost), plus(init.cost, body.cost)) };
      }
      case "optMap": {
        const target = this.of(expr.target);
        const body = this.#within([[expr.variable, { ...target, type: unwrapOptional(target.type) }]], () => this.of(expr.body));
        return { ...body, cost: plus(fixed(identCost), plus(target.cost, { min: 0, max: body.cost.max })) };
      }
    }
  }

  #within<T>(locals: readonly (readonly [string, Sized])[], inner: () => T): T {
    this.#locals.push(...locals);
    const result = inner();
    this.#locals.length -= locals.length;
    return result;
  }

  #select(expr: Select): Estimate {
    if (this.#checked.typeNames.has(expr) || this.#checked.dotted.has(expr)) return { cost: fixed(identCost) };
    const { cost, type, element } = this.of(expr.operand);
    if (expr.test) return { cost };
    const known = ["map", "object", "param"].includes(type.kind);
    return { cost: known ? plus(cost, fixed(identCost)) : cost, ...(type.kind === "map" ? { size: element } : {}) };
  }

  #items(items: readonly Expr[], base: number, size: Range, valued: readonly Expr[] = items): Estimate {
    const costs = items.map((item) => this.of(item).cost).reduce(plus, fixed(base));
    const sizes = valued.map((item) => this.of(item).size);
    return { cost: costs, size, element: sizes.length === 0 ? nothing : sizes.reduce(union) };
  }

  #call(expr: Call): Estimate {
    const target = this.#checked.namespaced.has(expr) ? undefined : expr.target;
    const args = (target === undefined ? expr.args : [target, ...expr.args]).map((arg) => this.of(arg));
    const [a, b, c] = args;
    if (expr.name === "dyn" && a !== undefined) return { ...a, cost: plus(fixed(1), a.cost) };
    if ((expr.name === "_&&_" || expr.name === "_||_") && a !== undefined && b !== undefined) return { cost: { min: a.cost.min, max: a.cost.max + b.cost.max } };
    if (expr.name === "_?_:_" && a !== undefined && b !== undefined && c !== undefined) {
      return { cost: plus(a.cost, union(b.cost, c.cost)), size: union(b.size, c.size), element: union(b.element, c.element) };
    }
    const before = args.reduce((sum, arg) => plus(sum, arg.cost), nothing);
    if (expr.name === "_[_]" && a !== undefined) return { cost: plus(before, fixed(1)), size: a.element };
    const own = (this.#checked.calls.get(expr) ?? []).map((one): Estimate => one.cost?.estimate(args) ?? { cost: fixed(1) });
    const merged = own.reduce(mergeEstimates, own[0] ?? { cost: nothing });
    return { ...merged, cost: plus(before, merged.cost) };
  }

  #loop(expr: Loop): Estimate {
    const range = this.of(expr.range);
    const costs = loopCosts[expr.macro];
    const { body, filter } = this.#within(loopLocals(expr, range), () => ({ body: this.of(expr.body), filter: expr.filter === undefined ? undefined : this.of(expr.filter).cost }));
    const taken = plus(fixed(costs.taken), expr.macro === "filter" ? nothing : body.cost);
    const conditional = filter !== undefined || expr.macro === "filter" || expr.macro === "existsOne";
    const condition = expr.macro === "filter" || expr.macro === "existsOne" ? body.cost : filter ?? nothing;
    const step = conditional ? plus(plus(fixed(costs.step), condition), { min: 0, max: expr.macro === "existsOne" ? costs.taken : taken.max }) : plus(fixed(costs.step), taken);
    const looped = expr.macro === "all" || expr.macro === "exists" ? { min: costs.step, max: step.max } : step;
    const cost = plus(plus(range.cost, fixed(costs.init + costs.result)), times(range.size, looped));
    return { cost, size: range.size, element: expr.macro === "filter" ? range.element : body.size };
  }
}

function loopLocals({ variables }: Loop, range: Sized): (readonly [string, Sized])[] {
  const [first = dynType, second = dynType] = range.type.params;
  const item = (type: CelType, size: Range): Sized => ({ type, size, element: elementOfType(type) });
  const [one = "", two] = variables;
  if (range.type.kind === "map") return [[one, item(first, sizeOfType(first))], ...(two === undefined ? [] : [[two, item(second, range.element)] as const])];
  return two === undefined ? [[one, item(first, range.element)]] : [[one, item(first, fixed(1))], [two, item(first, range.element)]];
}

function mergeEstimates(a: Estimate, b: Estimate): Estimate {
  const size = a.size === undefined ? b.size : b.size === undefined ? a.size : union(a.size, b.size);
  const element = a.element ?? b.element;
  return { cost: union(a.cost, b.cost), ...(size === undefined ? {} : { size }), ...(element === undefined ? {} : { element }) };
}

/** The bound that a type carries; 1 for what has no size. */
function sizeOfType(type: CelType): Range {
  if (type.maxElements !== undefined) return { min: 0, max: type.maxElements };
  if (scalar.has(type.kind)) return fixed(1);
  return type.name === "optional_type" ? sizeOfType(type.params[0] ?? dynType) : unknownSize;
}

function elementOfType(type: CelType): Range {
  const element = type.kind === "map" ? type.params[1] : type.kind === "list" ? type.params[0] : undefined;
  return element === undefined ? unknownSize : sizeOfType(element);
}
