import type { Condition } from "#api/gen/meta-v1.ts";
import type { Cause } from "#apimachinery/status.ts";
import { duplicate, eachInvalid, invalidValue, notSupported, required, tooLong } from "#apimachinery/validation/causes.ts";
import { qualifiedName } from "#apimachinery/validation/names.ts";

const reasonPattern = "[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?";
const isReason = new RegExp(`^${reasonPattern}$`);
const reasonText = "a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric characters or '_,:', and must end with an alphanumeric character or '_' "
  + `(e.g. 'my_name',  or 'MY_NAME',  or 'MyName',  or 'ReasonA,ReasonB',  or 'ReasonA:ReasonB', regex used for validation is '${reasonPattern}')`;
const longestReason = 1024;
const longestMessage = 32 * 1024;
const statuses: readonly string[] = ["False", "True", "Unknown"];

/** Conditions of the shape that newer kinds share. Upstream: apimachinery/pkg/apis/meta/v1/validation ValidateConditions */
export const validateMetaConditions = (conditions: readonly Condition[] | undefined, field: string): readonly Cause[] => (conditions ?? []).flatMap((condition, i, all) => [
  ...(all.findIndex(({ type }) => type === condition.type) < i ? [duplicate(`${field}[${i}].type`, condition.type)] : []),
  ...validateCondition(condition, `${field}[${i}]`),
]);

function validateCondition({ type, status, observedGeneration = 0, lastTransitionTime, reason, message }: Condition, field: string): readonly Cause[] {
  return [
    ...eachInvalid(`${field}.type`, type, qualifiedName(type)),
    ...(statuses.includes(status) ? [] : [notSupported(`${field}.status`, status, statuses)]),
    ...(observedGeneration < 0 ? [invalidValue(`${field}.observedGeneration`, observedGeneration, "must be greater than or equal to zero")] : []),
    ...(lastTransitionTime ? [] : [required(`${field}.lastTransitionTime`, "must be set")]),
    ...(reason === "" ? [required(`${field}.reason`, "must be set")] : isReason.test(reason) ? [] : [invalidValue(`${field}.reason`, reason, reasonText)]),
    ...(reason.length > longestReason ? [tooLong(`${field}.reason`, longestReason)] : []),
    ...(message.length > longestMessage ? [tooLong(`${field}.message`, longestMessage)] : []),
  ];
}
