/** The tree of an expression. Macros that loop or bind stay what they are instead of becoming folds. */
import type { Value } from "./values.ts";

/** Where a node stands in the source: an offset in UTF-16 units. */
interface At { readonly at: number }

export interface Literal extends At { readonly kind: "literal"; readonly value: Value }
export interface Ident extends At { readonly kind: "ident"; readonly name: string }
export interface Select extends At {
  readonly kind: "select";
  readonly operand: Expr;
  readonly field: string;
  /** `has(e.f)`. */
  readonly test: boolean;
  /** `e.?f`. */
  readonly optional: boolean;
}
export interface Call extends At {
  readonly kind: "call";
  /** `_+_`, `size`; a member's name where there is a target. */
  readonly name: string;
  readonly target: Expr | undefined;
  readonly args: readonly Expr[];
}
export interface ListExpr extends At { readonly kind: "list"; readonly items: readonly Expr[]; /** Indices of `[?e]`. */ readonly optional: ReadonlySet<number> }
export interface Entry extends At { readonly key: Expr; readonly value: Expr; readonly optional: boolean }
export interface MapExpr extends At { readonly kind: "map"; readonly entries: readonly Entry[] }
export interface FieldEntry extends At { readonly name: string; readonly value: Expr; readonly optional: boolean }
export interface StructExpr extends At { readonly kind: "struct"; readonly type: string; readonly fields: readonly FieldEntry[] }

export type LoopMacro = "all" | "exists" | "existsOne" | "map" | "filter" | "transformList" | "transformMap" | "transformMapEntry";
export interface Loop extends At {
  readonly kind: "loop";
  readonly macro: LoopMacro;
  readonly range: Expr;
  /** One variable: the item or the key. Two: the index or key, and the item or value. */
  readonly variables: readonly string[];
  /** Of `map` and the transforms, where there is one. */
  readonly filter: Expr | undefined;
  readonly body: Expr;
}
export interface Bind extends At { readonly kind: "bind"; readonly variable: string; readonly init: Expr; readonly body: Expr }
/** `e.optMap(x, body)`, and `optFlatMap` where the body makes the optional. */
export interface OptMap extends At { readonly kind: "optMap"; readonly target: Expr; readonly variable: string; readonly body: Expr; readonly flat: boolean }

export type Expr = Literal | Ident | Select | Call | ListExpr | MapExpr | StructExpr | Loop | Bind | OptMap;

/** `a.b.c` as a dotted name, or undefined for anything else. */
export function qualifiedName(expr: Expr): string | undefined {
  if (expr.kind === "ident") return expr.name;
  if (expr.kind !== "select" || expr.test || expr.optional) return undefined;
  const operand = qualifiedName(expr.operand);
  return operand === undefined ? undefined : `${operand}.${expr.field}`;
}
