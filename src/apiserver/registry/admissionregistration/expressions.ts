import type { MutatingAdmissionPolicySpec, ValidatingAdmissionPolicySpec, Variable } from "#api/gen/admissionregistration-v1.ts";
import type { Environment } from "#apimachinery/cel/environment.ts";
import type { CelType } from "#apimachinery/cel/types.ts";
import type { Cause } from "#apimachinery/status.ts";
import { invalidValue } from "#apimachinery/validation/causes.ts";
import { mutationResults } from "../../admission/policies/compiled-mutations.ts";
import { admissionEnvironment, compileExpression, typeOf, type Names } from "../../admission/policies/environment.ts";
import { mutationTypes } from "../../admission/policies/mutation-types.ts";

/** An expression that is not compiled, or comes to another type than asked for. Blank ones are told elsewhere. */
export function expressionCauses(field: string, expression: string, environment: Environment, returns: readonly string[]): readonly Cause[] {
  if (expression.trim() === "") return [];
  const compiled = compileExpression(expression, environment, returns);
  return "error" in compiled ? [invalidValue(field, expression, compiled.error)] : [];
}

/** Variables, and the types that later expressions see them with. */
function variableCauses(variables: readonly Variable[] | undefined, names: Names): { readonly causes: readonly Cause[]; readonly types: ReadonlyMap<string, CelType> } {
  const types = new Map<string, CelType>();
  const causes = (variables ?? []).flatMap(({ name, expression }, i) => {
    const environment = admissionEnvironment({ ...names, variables: new Map(types) });
    types.set(name, typeOf(compileExpression(expression, environment, [])));
    return expressionCauses(`spec.variables[${i}].expression`, expression, environment, []);
  });
  return { causes, types };
}

/** Upstream: pkg/apis/admissionregistration/validation validateValidationExpression and its like */
export function policyExpressionCauses({ paramKind, variables, validations = [], auditAnnotations = [] }: ValidatingAdmissionPolicySpec): readonly Cause[] {
  const names: Names = { params: paramKind !== undefined };
  const { causes, types } = variableCauses(variables, names);
  const environment = admissionEnvironment({ ...names, variables: types });
  const messages = admissionEnvironment({ ...names, variables: types, authorizer: false });
  return [
    ...causes,
    ...validations.flatMap(({ expression, messageExpression = "" }, i) => [
      ...expressionCauses(`spec.validations[${i}].expression`, expression, environment, ["bool"]),
      ...expressionCauses(`spec.validations[${i}].messageExpression`, messageExpression, messages, ["string"]),
    ]),
    ...auditAnnotations.flatMap(({ valueExpression }, i) => expressionCauses(`spec.auditAnnotations[${i}].valueExpression`, valueExpression, environment, ["string", "null"])),
  ];
}

/** Upstream: validateMutatingAdmissionPolicySpec, what it compiles */
export function mutationExpressionCauses({ paramKind, variables, mutations = [] }: MutatingAdmissionPolicySpec): readonly Cause[] {
  const names: Names = { params: paramKind !== undefined, structs: mutationTypes };
  const { causes, types } = variableCauses(variables, names);
  const environment = admissionEnvironment({ ...names, variables: types });
  return [
    ...causes,
    ...mutations.flatMap(({ patchType, applyConfiguration, jsonPatch }, i) => [
      ...expressionCauses(`spec.mutations[${i}].applyConfiguration.expression`, applyConfiguration?.expression ?? "", environment, patchType === "ApplyConfiguration" ? mutationResults.ApplyConfiguration : []),
      ...expressionCauses(`spec.mutations[${i}].jsonPatch.expression`, jsonPatch?.expression ?? "", environment, patchType === "JSONPatch" ? mutationResults.JSONPatch : []),
    ]),
  ];
}
