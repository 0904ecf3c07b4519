/** What keeps claims away from a device, and what claims put up with. Upstream: pkg/apis/resource/validation validateDeviceTaint, validateDeviceToleration */
import type { DeviceTaint, DeviceToleration } from "#api/gen/resource-v1.ts";
import type { Cause } from "#apimachinery/status.ts";
import { eachInvalid, invalidValue, notSupported, required } from "#apimachinery/validation/causes.ts";
import { labelValue, qualifiedName } from "#apimachinery/validation/names.ts";

/** The most of either on a device or in a request. */
export const mostTaints = 16;

const effects: readonly string[] = ["NoExecute", "NoSchedule", "None"];

const validateEffect = (effect: string, field: string): readonly Cause[] => (effects.includes(effect) ? [] : [notSupported(field, effect, effects)]);

export const validateTaint = ({ key, value = "", effect }: DeviceTaint, field: string): readonly Cause[] => [
  ...eachInvalid(`${field}.key`, key, qualifiedName(key)),
  ...eachInvalid(`${field}.value`, value, labelValue(value)),
  ...((effect as string) === "" ? [required(`${field}.effect`)] : validateEffect(effect, `${field}.effect`)),
];

export const validateToleration = ({ key = "", operator, value = "", effect }: DeviceToleration, field: string): readonly Cause[] => [
  ...(key === "" ? [] : eachInvalid(`${field}.key`, key, qualifiedName(key))),
  ...validateOperator(operator ?? "", value, field),
  ...(effect === undefined || (effect as string) === "" ? [] : validateEffect(effect, `${field}.effect`)),
];

function validateOperator(operator: string, value: string, field: string): readonly Cause[] {
  switch (operator) {
    case "Exists": return value === "" ? [] : [invalidValue(`${field}.value`, value, "must be empty for operator `Exists`")];
    case "Equal": return eachInvalid(`${field}.value`, value, labelValue(value));
    case "": return [required(`${field}.operator`)];
    default: return [notSupported(`${field}.operator`, operator, ["Equal", "Exists"])];
  }
}
