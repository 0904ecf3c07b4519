/** The expressions of one policy, compiled once for as long as its object stands. */
import type { ValidatingAdmissionPolicy, Variable } from "#api/gen/admissionregistration-v1.ts";
import type { CelType } from "#apimachinery/cel/types.ts";
import { admissionEnvironment, compileExpression, typeOf, type CompiledExpression, type Names } from "./environment.ts";
import { compileConditions, type CompiledCondition } from "./match-conditions.ts";

export interface CompiledVariables {
  readonly programs: ReadonlyMap<string, CompiledExpression>;
  readonly types: ReadonlyMap<string, CelType>;
}

/** Each variable sees those before it. Upstream: admission/plugin/cel CompositedCompiler */
export function compileVariables(variables: readonly Variable[] | undefined, names: Names): CompiledVariables {
  const programs = new Map<string, CompiledExpression>();
  const types = new Map<string, CelType>();
  for (const { name, expression } of variables ?? []) {
    const compiled = compileExpression(expression, admissionEnvironment({ ...names, variables: new Map(types) }), []);
    programs.set(name, compiled);
    types.set(name, typeOf(compiled));
  }
  return { programs, types };
}

export interface CompiledValidation {
  readonly expression: string;
  readonly message: string;
  readonly reason: string | undefined;
  readonly check: CompiledExpression;
  readonly messageExpression: CompiledExpression | undefined;
}

export interface CompiledValidatingPolicy {
  readonly conditions: readonly CompiledCondition[];
  readonly variables: CompiledVariables;
  readonly validations: readonly CompiledValidation[];
  readonly annotations: readonly { readonly key: string; readonly expression: string; readonly value: CompiledExpression }[];
}

const known = new WeakMap<object, CompiledValidatingPolicy>();

export function compiledPolicy(policy: ValidatingAdmissionPolicy): CompiledValidatingPolicy {
  const before = known.get(policy);
  if (before !== undefined) return before;
  const made = compilePolicy(policy);
  known.set(policy, made);
  return made;
}

/** @param more types of the objects, for a check that is stricter than what runs */
function compilePolicy({ spec }: ValidatingAdmissionPolicy, more: Names = {}): CompiledValidatingPolicy {
  const names: Names = { ...more, params: spec.paramKind !== undefined };
  const variables = compileVariables(spec.variables, names);
  const environment = admissionEnvironment({ ...names, variables: variables.types });
  const withoutAuthorizer = admissionEnvironment({ ...names, variables: variables.types, authorizer: false });
  return {
    conditions: compileConditions(spec.matchConditions, admissionEnvironment({ ...names, namespaceObject: true })),
    variables,
    validations: (spec.validations ?? []).map(({ expression, message = "", reason, messageExpression = "" }) => ({
      expression, message, reason, check: compileExpression(expression, environment, ["bool"]),
      messageExpression: messageExpression === "" ? undefined : compileExpression(messageExpression, withoutAuthorizer, ["string"]),
    })),
    annotations: (spec.auditAnnotations ?? []).map(({ key, valueExpression }) => ({ key, expression: valueExpression, value: compileExpression(valueExpression, environment, ["string", "null"]) })),
  };
}
