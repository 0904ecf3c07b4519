/** Conditions beside the rules, of policies and of webhooks alike. Upstream: apiserver/pkg/admission/plugin/webhook/matchconditions */
import type { MatchCondition } from "#api/gen/admissionregistration-v1.ts";
import { runAsking, type AccessLog } from "#apimachinery/cel/asking.ts";
import { perCallLimit } from "#apimachinery/cel/budget.ts";
import type { Environment } from "#apimachinery/cel/environment.ts";
import type { Activation } from "#apimachinery/cel/frame.ts";
import { compileExpression, type CompiledExpression } from "./environment.ts";

export interface CompiledCondition { readonly name: string; readonly expression: string; readonly compiled: CompiledExpression }

export const compileConditions = (conditions: readonly MatchCondition[] | undefined, environment: Environment): readonly CompiledCondition[] =>
  (conditions ?? []).map(({ name, expression }) => ({ name, expression, compiled: compileExpression(expression, environment, ["bool"]) }));

/** `error`: nobody can say; what then happens is the failure policy's. */
export type Matched = { readonly matches: true } | { readonly matches: false; readonly condition: string } | { readonly error: string };

/** All conditions together have half of what the expressions of an object may cost. Upstream: RuntimeCELCostBudgetMatchConditions */
const matchBudget = 5 * perCallLimit / 2;

/** A condition that is false decides, even where another one fails. */
export async function matchConditions(conditions: readonly CompiledCondition[], activation: Activation, log: AccessLog): Promise<Matched> {
  const errors: string[] = [];
  let budget = matchBudget;
  for (const { name, expression, compiled } of conditions) {
    if (!("program" in compiled)) { errors.push(`compilation error: ${compiled.error}`); continue; }
    const outcome = await runAsking(compiled.program, activation, log, budget);
    budget -= outcome.cost;
    if (!outcome.ok && outcome.interruption !== undefined && budget <= 0) return { error: "validation failed due to running out of cost budget, no further validation rules will be run" };
    if (!outcome.ok) errors.push(`expression '${expression}' resulted in error: ${outcome.error}`);
    else if (outcome.value !== true) return { matches: false, condition: name };
  }
  return errors.length === 0 ? { matches: true } : { error: errors.length === 1 ? errors[0] ?? "" : `[${errors.join(", ")}]` };
}
