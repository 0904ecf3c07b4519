/** Calls that are no calls: `has`, the comprehensions, `cel.bind`, `optMap`. Upstream: cel-go parser/macro.go, ext/comprehensions.go */
import type { Expr, LoopMacro } from "./ast.ts";
import { SyntaxFailure } from "./lexer.ts";

/** The macro that a global call is, if it is one. Throws SyntaxFailure. */
export function expandGlobal(name: string, args: readonly Expr[], at: number): Expr | undefined {
  const [operand] = args;
  if (name !== "has" || args.length !== 1 || operand === undefined) return undefined;
  if (operand.kind !== "select") throw new SyntaxFailure(operand.at, "invalid argument to has() macro");
  return { ...operand, at, test: true };
}

interface LoopShape { readonly macro: LoopMacro; /** Numbers of arguments, with one and with two variables. */ readonly single: readonly number[]; readonly double: readonly number[] }
const loops: ReadonlyMap<string, LoopShape> = new Map([
  ["all", { macro: "all", single: [2], double: [3] }],
  ["exists", { macro: "exists", single: [2], double: [3] }],
  ["exists_one", { macro: "existsOne", single: [2], double: [3] }],
  ["existsOne", { macro: "existsOne", single: [2], double: [3] }],
  ["map", { macro: "map", single: [2, 3], double: [] }],
  ["filter", { macro: "filter", single: [2], double: [] }],
  ["transformList", { macro: "transformList", single: [], double: [3, 4] }],
  ["transformMap", { macro: "transformMap", single: [], double: [3, 4] }],
  ["transformMapEntry", { macro: "transformMapEntry", single: [], double: [3, 4] }],
]);

/** The macro that a member call is, if it is one. Throws SyntaxFailure. */
export function expandMember(target: Expr, name: string, args: readonly Expr[], at: number): Expr | undefined {
  if (name === "bind" && target.kind === "ident" && target.name === "cel" && args.length === 3) return bind(args, at);
  if ((name === "optMap" || name === "optFlatMap") && args.length === 2) return optMap(target, args, name === "optFlatMap", at);
  const shape = loops.get(name);
  if (shape?.single.includes(args.length)) return loop(shape.macro, target, args, 1, at);
  return shape?.double.includes(args.length) ? loop(shape.macro, target, args, 2, at) : undefined;
}

function loop(macro: LoopMacro, range: Expr, args: readonly Expr[], count: 1 | 2, at: number): Expr {
  const variables = args.slice(0, count).map((name) => simpleName(name, macro));
  if (count === 2 && variables[0] === variables[1]) throw new SyntaxFailure((args[1] as Expr).at, `duplicate variable name: ${variables[1]}`);
  const filter = args.length - count === 2 ? args[count] : undefined;
  return { kind: "loop", at, macro, range, variables, filter, body: args.at(-1) as Expr };
}

function bind(args: readonly Expr[], at: number): Expr {
  const [variable, init, body] = args as readonly [Expr, Expr, Expr];
  if (variable.kind !== "ident") throw new SyntaxFailure(variable.at, "cel.bind() variable names must be simple identifiers");
  return { kind: "bind", at, variable: variable.name, init, body };
}

function optMap(target: Expr, args: readonly Expr[], flat: boolean, at: number): Expr {
  const [variable, body] = args as readonly [Expr, Expr];
  if (variable.kind !== "ident") throw new SyntaxFailure(variable.at, `${flat ? "optFlatMap" : "optMap"}() variable name must be a simple identifier`);
  return { kind: "optMap", at, target, variable: variable.name, body, flat };
}

function simpleName(expr: Expr, macro: LoopMacro): string {
  if (expr.kind === "ident") return expr.name;
  throw new SyntaxFailure(expr.at, macro === "map" || macro === "filter" ? "argument is not an identifier" : "argument must be a simple name");
}
