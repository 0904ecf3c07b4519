/** Gives every node its type and every call its overloads. Upstream: cel-go checker/checker.go */
import { qualifiedName, type Call, type Expr, type ListExpr, type Literal, type Loop, type MapExpr, type Select, type StructExpr } from "./ast.ts";
import { instantiate, lessSpecific, Substitution } from "./unify.ts";
import type { Overload } from "./declarations.ts";
import type { Environment } from "./environment.ts";
import type { Issue } from "./issues.ts";
import { knownTypes } from "./known-types.ts";
import * as types from "./types.ts";
import type { CelType } from "./types.ts";
import { codePoints } from "./containers.ts";
import { Bytes, kindOf, type Value } from "./values.ts";

export interface Checked {
  readonly expr: Expr;
  readonly issues: readonly Issue[];
  readonly types: ReadonlyMap<Expr, CelType>;
  /** The overloads that may be meant; more than one only where an argument is dyn. */
  readonly calls: ReadonlyMap<Expr, readonly Overload[]>;
  /** Calls such as `sets.contains(a, b)`, whose target is no value. */
  readonly namespaced: ReadonlySet<Expr>;
  /** Selections that are a declared name with dots: `authorizer.requestResource`. */
  readonly dotted: ReadonlyMap<Expr, string>;
  /** Names that stand for a type, with the name that `type(x)` would answer. */
  readonly typeNames: ReadonlyMap<Expr, string>;
}

/** Never throws; `types` has an entry for every node even where there are issues. */
export function check(expr: Expr, environment: Environment): Checked {
  const checker = new Checker(environment);
  checker.check(expr);
  return checker.finish(expr);
}

class Checker {
  readonly #environment: Environment;
  readonly #substitution = new Substitution();
  readonly #scopes: (readonly [name: string, type: CelType])[] = [];
  readonly #issues: Issue[] = [];
  readonly #types = new Map<Expr, CelType>();
  readonly #calls = new Map<Expr, readonly Overload[]>();
  readonly #namespaced = new Set<Expr>();
  readonly #dotted = new Map<Expr, string>();
  readonly #typeNames = new Map<Expr, string>();

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  finish(expr: Expr): Checked {
    for (const [node, type] of this.#types) this.#types.set(node, this.#substitution.apply(type, true));
    return { expr, issues: this.#issues, types: this.#types, calls: this.#calls, namespaced: this.#namespaced, dotted: this.#dotted, typeNames: this.#typeNames };
  }

  check(expr: Expr): CelType {
    const type = this.#typeOf(expr);
    this.#types.set(expr, type);
    return type;
  }

  #typeOf(expr: Expr): CelType {
    switch (expr.kind) {
      case "literal": return literalType(expr);
      case "ident": return this.#name(expr, expr.name) ?? this.#undeclared(expr.at, expr.name);
      case "select": return this.#select(expr);
      case "call": return this.#call(expr);
      case "list": return this.#list(expr);
      case "map": return this.#map(expr);
      case "struct": return this.#struct(expr);
      case "loop": return this.#loop(expr);
      case "bind": {
        const init = this.check(expr.init);
        return this.#within([[expr.variable, init]], () => this.check(expr.body));
      }
      case "optMap": {
        const target = this.#expect(expr.target, types.optionalType(types.dynType));
        const body = this.#within([[expr.variable, types.unwrapOptional(target)]], () => this.check(expr.body));
        if (expr.flat && !types.isOptional(body) && !types.isDynamic(body)) return this.#noOverload(expr.at, "_?_:_", [types.boolType, body, types.optionalType(types.dynType)]);
        return expr.flat ? body : types.optionalType(body);
      }
    }
  }

  #name(expr: Expr, name: string): CelType | undefined {
    const local = this.#scopes.findLast(([known]) => known === name)?.[1];
    if (local !== undefined) return local;
    const declared = this.#environment.variables.get(name);
    if (declared !== undefined) {
      if (expr.kind === "select") this.#dotted.set(expr, name);
      return declared;
    }
    const type = knownTypes.get(name);
    if (type === undefined) return undefined;
    this.#typeNames.set(expr, name);
    return types.typeType(type);
  }

  #within<T>(variables: readonly (readonly [string, CelType])[], inner: () => T): T {
    this.#scopes.push(...variables);
    const result = inner();
    this.#scopes.length -= variables.length;
    return result;
  }

  #select(expr: Select): CelType {
    const dotted = expr.test || expr.optional ? undefined : qualifiedName(expr);
    const named = dotted === undefined ? undefined : this.#name(expr, dotted);
    if (named !== undefined) return named;
    const target = this.#substitution.apply(this.check(expr.operand));
    const field = this.#field(expr, types.unwrapOptional(target));
    if (expr.test) return types.boolType;
    return expr.optional || types.isOptional(target) ? types.optionalType(types.unwrapOptional(field)) : field;
  }

  #field(expr: Select, target: CelType): CelType {
    if (types.isDynamic(target) || target.kind === "param") return types.dynType;
    if (target.kind === "map") return target.params[1] ?? types.dynType;
    if (target.kind === "object") return target.field?.(expr.field) ?? this.#issue(expr.at, `undefined field '${expr.field}'`);
    return this.#issue(expr.at, `type '${types.typeText(target)}' does not support field selection`);
  }

  #call(expr: Call): CelType {
    const args = expr.args.map((arg) => this.check(arg));
    if (expr.name === "_&&_" || expr.name === "_||_") return this.#logic(expr, args);
    if (expr.target === undefined) return this.#resolve(expr, expr.name, args, false);
    const namespace = qualifiedName(expr.target);
    if (namespace !== undefined && this.#environment.functions.has(`${namespace}.${expr.name}`)) {
      this.#namespaced.add(expr);
      return this.#resolve(expr, `${namespace}.${expr.name}`, args, false);
    }
    return this.#resolve(expr, expr.name, [this.check(expr.target), ...args], true);
  }

  /** Upstream tells each operand that is no condition. */
  #logic(expr: Call, args: readonly CelType[]): CelType {
    expr.args.forEach((arg, i) => this.#condition(arg, args[i] ?? types.errorType));
    return types.boolType;
  }

  #condition(expr: Expr, given: CelType): CelType {
    if (this.#substitution.assignable([types.boolType], [given])) return types.boolType;
    return this.#issue(expr.at, `expected type 'bool' but found '${this.#text(given)}'`);
  }

  #text(type: CelType): string {
    return types.typeText(this.#substitution.apply(type, true));
  }

  #noOverload(at: number, name: string, args: readonly CelType[], member = false): CelType {
    const told = args.map((arg) => this.#substitution.apply(arg, true));
    return this.#issue(at, `found no matching overload for '${name}' applied to '${types.argumentsText(told, member)}'`);
  }

  #resolve(expr: Expr, name: string, args: readonly CelType[], member: boolean): CelType {
    const declared = this.#environment.functions.get(name);
    if (declared === undefined) return this.#undeclared(expr.at, name);
    const given = args.map((arg) => this.#substitution.apply(arg));
    const results: CelType[] = [];
    const chosen: Overload[] = [];
    for (const one of declared) {
      if (one.member !== member || one.args.length !== given.length || one.args.some((arg, i) => cannotTake(arg, given[i] ?? types.errorType))) continue;
      const params = new Map<string, CelType>();
      const fresh = (): CelType => this.#substitution.newParam();
      const wanted = one.args.map((arg) => instantiate(arg, params, fresh));
      if (!this.#substitution.assignable(wanted, given)) continue;
      chosen.push(one);
      results.push(this.#substitution.apply(instantiate(one.result, params, fresh)));
    }
    this.#calls.set(expr, chosen);
    const [first] = results;
    if (first === undefined) return this.#noOverload(expr.at, name, given, member);
    return results.every((result) => types.sameType(result, first)) ? first : types.dynType;
  }

  #list(expr: ListExpr): CelType {
    let element: CelType | undefined;
    expr.items.forEach((item, i) => {
      const type = this.check(item);
      element = this.#join(item, element, expr.optional.has(i) ? types.unwrapOptional(type) : type);
    });
    return types.bounded(types.listType(element ?? this.#substitution.newParam()), expr.items.length);
  }

  #map(expr: MapExpr): CelType {
    let key: CelType | undefined;
    let value: CelType | undefined;
    for (const entry of expr.entries) {
      key = this.#join(entry.key, key, keyType(this.check(entry.key)));
      const type = this.check(entry.value);
      value = this.#join(entry.value, value, entry.optional ? types.unwrapOptional(type) : type);
    }
    return types.bounded(types.mapType(key ?? this.#substitution.newParam(), value ?? this.#substitution.newParam()), expr.entries.length);
  }

  /** Literals hold one type only, as Kubernetes asks. Upstream: cel.HomogeneousAggregateLiterals */
  #join(expr: Expr, before: CelType | undefined, next: CelType): CelType {
    if (before === undefined) return next;
    if (!this.#substitution.assignable([before], [next])) {
      this.#issue(expr.at, `expected type '${this.#text(before)}' but found '${this.#text(next)}'`);
      return before;
    }
    const { maxElements: _, ...general } = lessSpecific(before, next) ? before : next;
    const max = Math.max(before.maxElements ?? Infinity, next.maxElements ?? Infinity);
    return Number.isFinite(max) ? types.bounded(general, max) : general;
  }

  #struct(expr: StructExpr): CelType {
    const type = this.#environment.structs?.(expr.type);
    if (type === undefined) return this.#undeclared(expr.at, expr.type);
    for (const field of expr.fields) {
      const given = this.check(field.value);
      const wanted = type.field?.(field.name);
      if (wanted === undefined) this.#issue(field.at, `undefined field '${field.name}'`);
      if (wanted === undefined || this.#substitution.assignable([wanted], [field.optional ? types.unwrapOptional(given) : given])) continue;
      this.#issue(field.at, `expected type of field '${field.name}' is '${types.typeText(wanted)}' but provided type is '${this.#text(given)}'`);
    }
    return type;
  }

  #loop(expr: Loop): CelType {
    const range = this.#substitution.apply(this.check(expr.range));
    const variables = expr.variables.map((name, i): readonly [string, CelType] => [name, this.#loopVariable(expr, range, i)]);
    return this.#within(variables, () => {
      if (expr.filter !== undefined) this.#choice(expr, this.check(expr.filter), range);
      const body = this.check(expr.body);
      return this.#loopResult(expr, range, body);
    });
  }

  #loopVariable(expr: Loop, range: CelType, index: number): CelType {
    if (types.isDynamic(range) || range.kind === "param") return types.dynType;
    const [first = types.dynType, second = types.dynType] = range.params;
    const single = expr.variables.length === 1;
    if (range.kind === "list") return single || index === 1 ? first : types.intType;
    if (range.kind === "map") return index === 0 ? first : second;
    return this.#issue(expr.range.at, `expression of type '${types.typeText(range)}' cannot be range of a comprehension (must be list, map, or dynamic)`);
  }

  #loopResult(expr: Loop, range: CelType, body: CelType): CelType {
    const element = range.params[0] ?? types.dynType;
    switch (expr.macro) {
      case "all": case "exists": return this.#condition(expr.body, body);
      case "existsOne": return this.#choice(expr, body, types.intType);
      case "filter": this.#choice(expr, body, types.listType(element)); return types.listType(element);
      case "map": case "transformList": return types.listType(body);
      case "transformMap": return types.mapType(range.kind === "list" ? types.intType : element, body);
      case "transformMapEntry": return body.kind === "map" || types.isDynamic(body) ? body : this.#noOverload(expr.at, "cel.@mapInsert", [types.mapType(types.dynType, types.dynType), body]);
    }
  }

  /** The condition of a fold's step, which upstream writes as `condition ? taken : left`. */
  #choice(expr: Loop, given: CelType, result: CelType): CelType {
    if (this.#substitution.assignable([types.boolType], [given])) return types.boolType;
    return this.#noOverload(expr.at, "_?_:_", [given, result, result]);
  }

  #expect(expr: Expr, wanted: CelType): CelType {
    const given = this.#substitution.apply(this.check(expr));
    if (this.#substitution.assignable([wanted], [given])) return given;
    return this.#issue(expr.at, `expected type '${types.typeText(wanted)}' but found '${types.typeText(given)}'`);
  }

  #undeclared(at: number, name: string): CelType {
    return this.#issue(at, `undeclared reference to '${name}' (in container '')`);
  }

  #issue(at: number, message: string): CelType {
    this.#issues.push({ at, message });
    return types.errorType;
  }
}

/** Only plain values are keys; of others nothing is kept, so that types do not grow from both sides. */
const keyType = (type: CelType): CelType => (type.params.length === 0 ? type : types.dynType);

/** A look at the outermost types, which is enough to pass over most overloads. */
function cannotTake(wanted: CelType, given: CelType): boolean {
  if (wanted.kind === given.kind) return wanted.name !== given.name && wanted.kind !== "param";
  return !open.has(wanted.kind) && !open.has(given.kind);
}
const open: ReadonlySet<string> = new Set(["dyn", "error", "param", "null"]);

function literalType({ value }: Literal): CelType {
  if (typeof value === "string") return types.bounded(types.stringType, codePoints(value));
  if (value instanceof Bytes) return types.bounded(types.bytesType, value.value.length);
  return typesOfLiterals.get(kindOf(value satisfies Value)) ?? types.dynType;
}

const typesOfLiterals: ReadonlyMap<string, CelType> = new Map([
  ["null_type", types.nullType], ["bool", types.boolType], ["int", types.intType], ["uint", types.uintType], ["double", types.doubleType],
]);
