/** For tests: an expression, what it may name, and what comes out, in a line. */
import { compile, type Compilation } from "./compile.ts";
import { sizeOf } from "./containers.ts";
import { fromJson, toJson } from "./json-values.ts";
import { standardFunctions } from "./library/standard.ts";
import { dynType, type CelType } from "./types.ts";
import { CelError, type Value } from "./values.ts";

export const compileWith = (expression: string, variables: Readonly<Record<string, CelType>> = {}): Compilation =>
  compile(expression, { variables: new Map(Object.entries(variables)), functions: standardFunctions });

/** The result as JSON, `error: ...`, or `issue: ...` with the first issue's message; variables are dyn. */
export function evaluate(expression: string, variables: Readonly<Record<string, unknown>> = {}): unknown {
  const compiled = compileWith(expression, Object.fromEntries(Object.keys(variables).map((name) => [name, dynType])));
  if (!compiled.ok) return `issue: ${compiled.issues[0]?.message}`;
  const outcome = compiled.program.run((name) => fromJson(variables[name]));
  return outcome.ok ? jsonOf(outcome.value) : `error: ${outcome.error}`;
}

function jsonOf(value: Value): unknown {
  if (typeof value === "bigint") return `${value}`;
  const made = toJson(value);
  return made instanceof CelError ? `${typeof value === "object" ? value?.kind : ""}(${sizeOf(value)})` : made.json;
}
