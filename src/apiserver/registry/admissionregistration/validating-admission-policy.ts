import type { AuditAnnotation, ValidatingAdmissionPolicy, Validation } from "#api/gen/admissionregistration-v1.ts";
import type { Cause } from "#apimachinery/status.ts";
import { duplicate, eachInvalid, invalidValue, notSupported, required } from "#apimachinery/validation/causes.ts";
import { qualifiedName } from "#apimachinery/validation/names.ts";
import { admissionEnvironment } from "../../admission/policies/environment.ts";
import { ageColumn, nameColumn } from "../common/columns.ts";
import { validateMetaConditions } from "../common/meta-conditions.ts";
import type { Resource } from "../resource.ts";
import { policyExpressionCauses } from "./expressions.ts";
import { validateMatchConditions } from "./match-conditions.ts";
import { defaultMatch, paramKindText, validateConstraints, validateFailurePolicy, validateParamKind, validateVariables } from "./policy-parts.ts";

const mostAnnotations = 20;
const longestAnnotation = 5 * 1024;
const reasons: readonly string[] = ["Forbidden", "Invalid", "RequestEntityTooLarge"];
const nothingToDo = "validations or auditAnnotations must contain at least one item";

/** Upstream: pkg/apis/admissionregistration/validation validateValidatingAdmissionPolicySpec */
function validate({ metadata: { name }, spec }: ValidatingAdmissionPolicy): readonly Cause[] {
  const { validations = [], auditAnnotations = [] } = spec;
  return [
    ...validateFailurePolicy(spec.failurePolicy, "spec.failurePolicy"),
    ...(spec.paramKind === undefined ? [] : validateParamKind(spec.paramKind, "spec.paramKind")),
    ...validateConstraints(spec.matchConstraints, "spec.matchConstraints"),
    ...validateMatchConditions(spec.matchConditions, "spec.matchConditions", admissionEnvironment({ params: spec.paramKind !== undefined })),
    ...validateVariables(spec.variables, "spec.variables"),
    ...(validations.length + auditAnnotations.length === 0 ? [required("spec.validations", nothingToDo), required("spec.auditAnnotations", nothingToDo)] : []),
    ...validations.flatMap((validation, i) => validateValidation(validation, `spec.validations[${i}]`)),
    ...(auditAnnotations.length > mostAnnotations ? [invalidValue("spec.auditAnnotations", auditAnnotations, `must not have more than ${mostAnnotations} auditAnnotations`)] : []),
    ...policyExpressionCauses(spec),
    ...auditAnnotations.flatMap((annotation, i) => [
      ...validateAnnotation(annotation, name, `spec.auditAnnotations[${i}]`),
      ...(auditAnnotations.findIndex(({ key }) => key === annotation.key) < i ? [duplicate(`spec.auditAnnotations[${i}].key`, annotation.key)] : []),
    ]),
  ];
}

/** Upstream: validateValidation */
function validateValidation({ expression, message = "", messageExpression = "", reason }: Validation, field: string): readonly Cause[] {
  const blank = (text: string): boolean => text !== "" && text.trim() === "";
  return [
    ...(expression.trim() === "" ? [required(`${field}.expression`, "expression is not specified")] : []),
    ...(blank(messageExpression) ? [invalidValue(`${field}.messageExpression`, messageExpression, "must be non-empty if specified")] : []),
    ...(blank(message) ? [invalidValue(`${field}.message`, message, "must be non-empty if specified")]
      : /[\n\r]/.test(message.trim()) ? [invalidValue(`${field}.message`, message, "must not contain line breaks")] : []),
    ...(reason === undefined || reasons.includes(reason) ? [] : [notSupported(`${field}.reason`, reason, reasons)]),
  ];
}

/** Upstream: validateAuditAnnotation */
function validateAnnotation({ key, valueExpression }: AuditAnnotation, policy: string, field: string): readonly Cause[] {
  const length = Buffer.byteLength(valueExpression.trim());
  return [
    ...eachInvalid(`${field}.key`, `${policy}/${key}`, qualifiedName(`${policy}/${key}`)),
    ...(length === 0 ? [required(`${field}.valueExpression`, "valueExpression is not specified")]
      : length > longestAnnotation ? [required(`${field}.valueExpression`, `must not exceed ${longestAnnotation} bytes in length`)] : []),
  ];
}

/** Upstream: validateValidatingAdmissionPolicyStatus */
const validateStatus = ({ status }: ValidatingAdmissionPolicy): readonly Cause[] => [
  ...(status.typeChecking?.expressionWarnings ?? []).flatMap(({ warning, fieldRef }, i) => {
    const field = `status.typeChecking.expressionWarnings[${i}]`;
    return [...(warning === "" ? [required(`${field}.warning`)] : []), ...(fieldRef.trim() === "" ? [required(`${field}.fieldRef`)] : [])];
  }),
  ...validateMetaConditions(status.conditions, "status.conditions"),
];

export const validatingAdmissionPolicies: Resource<ValidatingAdmissionPolicy> = {
  group: "admissionregistration.k8s.io", version: "v1", kind: "ValidatingAdmissionPolicy", schema: "admissionregistration/v1.ValidatingAdmissionPolicy", scope: "Cluster",
  names: { plural: "validatingadmissionpolicies", singular: "validatingadmissionpolicy", categories: ["api-extensions"] },
  defaults({ spec }) {
    spec.failurePolicy ??= "Fail";
    defaultMatch(spec.matchConstraints);
  },
  validate,
  subresources: {
    status: { type: "write", prepareUpdate: (next, old) => { next.spec = old.spec; }, validateUpdate: validateStatus },
  },
  columns: [
    nameColumn,
    { name: "Validations", type: "integer", description: "How many rules it has.", cell: ({ spec }) => spec.validations?.length ?? 0 },
    { name: "ParamKind", type: "string", description: "The kind of its parameters.", cell: ({ spec }) => paramKindText(spec.paramKind) },
    ageColumn,
  ],
};
