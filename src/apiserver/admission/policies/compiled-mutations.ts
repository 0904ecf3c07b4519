import type { MutatingAdmissionPolicy } from "#api/gen/admissionregistration-v1.ts";
import { compileVariables, type CompiledVariables } from "./compiled-policy.ts";
import { admissionEnvironment, compileExpression, type CompiledExpression, type Names } from "./environment.ts";
import { compileConditions, type CompiledCondition } from "./match-conditions.ts";
import { mutationTypes } from "./mutation-types.ts";

export interface CompiledMutation { readonly patchType: "ApplyConfiguration" | "JSONPatch"; readonly expression: string; readonly compiled: CompiledExpression }

export interface CompiledMutatingPolicy {
  readonly conditions: readonly CompiledCondition[];
  readonly variables: CompiledVariables;
  readonly mutations: readonly CompiledMutation[];
}

/** What the expression of a mutation must come to. */
export const mutationResults: Readonly<Record<CompiledMutation["patchType"], readonly string[]>> = { ApplyConfiguration: ["Object"], JSONPatch: ["list(JSONPatch)"] };

const known = new WeakMap<object, CompiledMutatingPolicy>();

/** Compiled once for as long as the policy's object stands. */
export function compiledMutations(policy: MutatingAdmissionPolicy): CompiledMutatingPolicy {
  const before = known.get(policy);
  if (before !== undefined) return before;
  const made = compile(policy);
  known.set(policy, made);
  return made;
}

function compile({ spec }: MutatingAdmissionPolicy): CompiledMutatingPolicy {
  const names: Names = { params: spec.paramKind !== undefined, structs: mutationTypes };
  const variables = compileVariables(spec.variables, names);
  const environment = admissionEnvironment({ ...names, variables: variables.types });
  return {
    conditions: compileConditions(spec.matchConditions, admissionEnvironment(names)),
    variables,
    mutations: (spec.mutations ?? []).map(({ patchType, applyConfiguration, jsonPatch }) => {
      const expression = (patchType === "JSONPatch" ? jsonPatch : applyConfiguration)?.expression ?? "";
      return { patchType, expression, compiled: compileExpression(expression, environment, mutationResults[patchType]) };
    }),
  };
}
