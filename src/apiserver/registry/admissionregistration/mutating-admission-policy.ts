import type { MutatingAdmissionPolicy, Mutation } from "#api/gen/admissionregistration-v1.ts";
import type { Cause } from "#apimachinery/status.ts";
import { invalidValue, notSupported, required } from "#apimachinery/validation/causes.ts";
import { admissionEnvironment } from "../../admission/policies/environment.ts";
import { ageColumn, nameColumn } from "../common/columns.ts";
import type { Resource } from "../resource.ts";
import { mutationExpressionCauses } from "./expressions.ts";
import { validateMatchConditions } from "./match-conditions.ts";
import { defaultMatch, paramKindText, validateConstraints, validateFailurePolicy, validateParamKind, validateVariables } from "./policy-parts.ts";

/** Nothing is changed about an object that goes. */
const operations: readonly string[] = ["*", "CONNECT", "CREATE", "UPDATE"];
/** The field that a patch of this type has. */
const fields = { ApplyConfiguration: "applyConfiguration", JSONPatch: "jsonPatch" } as const;
const reinvocations: readonly string[] = ["IfNeeded", "Never"];

/** Upstream: pkg/apis/admissionregistration/validation validateMutatingAdmissionPolicySpec */
function validate({ spec }: MutatingAdmissionPolicy): readonly Cause[] {
  const { mutations = [], reinvocationPolicy: policy } = spec;
  const asked: readonly string[] = (spec.matchConstraints?.resourceRules ?? []).flatMap((rule) => rule.operations ?? []);
  return [
    ...validateFailurePolicy(spec.failurePolicy, "spec.failurePolicy"),
    ...(spec.paramKind === undefined ? [] : validateParamKind(spec.paramKind, "spec.paramKind")),
    ...validateConstraints(spec.matchConstraints, "spec.matchConstraints"),
    ...asked.filter((operation) => !operations.includes(operation)).map((operation) => notSupported("spec.matchConstraints.resourceRules.operations", operation, operations)),
    ...validateMatchConditions(spec.matchConditions, "spec.matchConditions", admissionEnvironment({ params: spec.paramKind !== undefined })),
    ...validateVariables(spec.variables, "spec.variables"),
    ...mutationExpressionCauses(spec),
    ...(mutations.length === 0 ? [required("spec.mutations", "mutations must contain at least one item")] : []),
    ...mutations.flatMap((mutation, i) => validateMutation(mutation, `spec.mutations[${i}]`)),
    ...(policy ? (reinvocations.includes(policy) ? [] : [notSupported("spec.reinvocationPolicy", policy, reinvocations)]) : [required("spec.reinvocationPolicy")]),
  ];
}

/** Upstream: validateMutation */
function validateMutation(mutation: Mutation, field: string): readonly Cause[] {
  const { patchType } = mutation;
  if ((patchType as string) === "") return [required(`${field}.patchType`)];
  if (!Object.hasOwn(fields, patchType)) return [notSupported(`${field}.patchType`, patchType, Object.keys(fields))];
  const own = fields[patchType];
  const other = own === "jsonPatch" ? "applyConfiguration" : "jsonPatch";
  return [
    ...(mutation[own] === undefined ? [required(`${field}.${own}`, `must be specified when patchType is ${patchType}`)]
      : (mutation[own].expression ?? "").trim() === "" ? [required(`${field}.${own}.expression`, "expression is not specified")] : []),
    ...(mutation[other] === undefined ? [] : [invalidValue(`${field}.${other}`, `{${other}}`, `must not be specified when patchType is ${patchType}`)]),
  ];
}

export const mutatingAdmissionPolicies: Resource<MutatingAdmissionPolicy> = {
  group: "admissionregistration.k8s.io", version: "v1", kind: "MutatingAdmissionPolicy", schema: "admissionregistration/v1.MutatingAdmissionPolicy", scope: "Cluster",
  names: { plural: "mutatingadmissionpolicies", singular: "mutatingadmissionpolicy", categories: ["api-extensions"] },
  defaults({ spec }) {
    spec.failurePolicy ??= "Fail";
    spec.reinvocationPolicy ??= "Never";
    defaultMatch(spec.matchConstraints);
  },
  validate,
  columns: [
    nameColumn,
    { name: "Mutations", type: "integer", description: "How many changes it makes.", cell: ({ spec }) => spec.mutations?.length ?? 0 },
    { name: "ParamKind", type: "string", description: "The kind of its parameters.", cell: ({ spec }) => paramKindText(spec.paramKind) },
    ageColumn,
  ],
};
