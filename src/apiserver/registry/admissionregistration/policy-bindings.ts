import type { MutatingAdmissionPolicyBinding, MutatingAdmissionPolicyBindingSpec, ValidatingAdmissionPolicyBinding } from "#api/gen/admissionregistration-v1.ts";
import type { KubeObject } from "#apimachinery/meta.ts";
import type { Cause } from "#apimachinery/status.ts";
import { duplicate, invalidValue, notSupported, required } from "#apimachinery/validation/causes.ts";
import { ageColumn, nameColumn } from "../common/columns.ts";
import type { Column, Resource } from "../resource.ts";
import { defaultMatch, paramRefText, validateMatch, validateParamRef, validatePolicyName } from "./policy-parts.ts";

const actionsKnown: readonly string[] = ["Audit", "Deny", "Warn"];

/** Upstream: pkg/apis/admissionregistration/validation validateMutatingAdmissionPolicyBindingSpec */
const validateSpec = ({ policyName, paramRef, matchResources }: MutatingAdmissionPolicyBindingSpec): readonly Cause[] => [
  ...validatePolicyName(policyName, "spec.policyName"),
  ...(paramRef === undefined ? [] : validateParamRef(paramRef, "spec.paramRef")),
  ...(matchResources === undefined ? [] : validateMatch(matchResources, "spec.matchResources")),
];

/** Upstream: pkg/apis/admissionregistration/validation validateValidationActions */
function validateActions(actions: readonly string[], field: string): readonly Cause[] {
  return [
    ...actions.flatMap((action, i) => [
      ...(actionsKnown.includes(action) ? [] : [notSupported(`${field}[${i}]`, action, actionsKnown)]),
      ...(actions.indexOf(action) < i ? [duplicate(`${field}[${i}]`, action)] : []),
    ]),
    ...(actions.includes("Deny") && actions.includes("Warn")
      ? [invalidValue(field, actions, "must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)")]
      : []),
    ...(actions.length === 0 ? [required(field, "at least one validation action is required")] : []),
  ];
}

function defaults({ spec }: { readonly spec: MutatingAdmissionPolicyBindingSpec }): void {
  if (spec.paramRef !== undefined) spec.paramRef.parameterNotFoundAction ??= "Deny";
  defaultMatch(spec.matchResources);
}

const columns: readonly Column<KubeObject & { readonly spec: MutatingAdmissionPolicyBindingSpec }>[] = [
  nameColumn,
  { name: "PolicyName", type: "string", description: "The policy that is put to work.", cell: ({ spec }) => spec.policyName ?? "" },
  { name: "ParamRef", type: "string", description: "Its parameters.", cell: ({ spec }) => paramRefText(spec.paramRef) },
  ageColumn,
];

const common = { group: "admissionregistration.k8s.io", version: "v1", scope: "Cluster", defaults, columns } as const;

export const validatingAdmissionPolicyBindings: Resource<ValidatingAdmissionPolicyBinding> = {
  ...common, kind: "ValidatingAdmissionPolicyBinding", schema: "admissionregistration/v1.ValidatingAdmissionPolicyBinding",
  names: { plural: "validatingadmissionpolicybindings", singular: "validatingadmissionpolicybinding", categories: ["api-extensions"] },
  validate: ({ spec }) => [...validateSpec(spec), ...validateActions(spec.validationActions ?? [], "spec.validationActions")],
};

export const mutatingAdmissionPolicyBindings: Resource<MutatingAdmissionPolicyBinding> = {
  ...common, kind: "MutatingAdmissionPolicyBinding", schema: "admissionregistration/v1.MutatingAdmissionPolicyBinding",
  names: { plural: "mutatingadmissionpolicybindings", singular: "mutatingadmissionpolicybinding", categories: ["api-extensions"] },
  validate: ({ spec }) => validateSpec(spec),
};
