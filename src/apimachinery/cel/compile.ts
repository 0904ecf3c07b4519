/** The door: from an expression and what it may name to a program, or to what is wrong with it. */
import { check, type Checked } from "./checker.ts";
import type { Environment } from "./environment.ts";
import { estimate } from "./estimate.ts";
import { issuesText, type Issue } from "./issues.ts";
import { checkLiterals } from "./literal-checks.ts";
import { parse } from "./parser.ts";
import { plan } from "./plan.ts";
import { Program } from "./program.ts";

export type Compilation =
  | { readonly ok: true; readonly program: Program }
  | { readonly ok: false; readonly issues: readonly Issue[]; /** All issues as cel-go prints them, each with its line. */ readonly text: string };

/** Never throws. */
export function compile(source: string, environment: Environment): Compilation {
  const parsed = parse(source);
  if (!parsed.ok) return failed(source, [parsed.issue]);
  const checked = check(parsed.expr, environment);
  const issues = checked.issues.length > 0 ? checked.issues : checkLiterals(checked);
  if (issues.length > 0) return failed(source, issues);
  return { ok: true, program: programOf(checked, environment) };
}

const failed = (source: string, issues: readonly Issue[]): Compilation => ({ ok: false, issues, text: issuesText(source, issues) });

function programOf(checked: Checked, environment: Environment): Program {
  const returnType = checked.types.get(checked.expr);
  if (returnType === undefined) throw new Error("the checker left the root without a type");
  const mentioned = new Set(checked.dotted.values());
  for (const node of checked.types.keys()) if (node.kind === "ident" && environment.variables.has(node.name)) mentioned.add(node.name);
  return new Program(plan(checked), returnType, mentioned, once(() => estimate(checked)));
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
