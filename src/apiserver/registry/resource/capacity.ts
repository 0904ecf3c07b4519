/** How much of a shared device a claim may ask for. Upstream: pkg/apis/resource/validation validateRequestPolicy */
import type { CapacityRequestPolicy, CapacityRequestPolicyRange, DeviceCapacity } from "#api/gen/resource-v1.ts";
import { Quantity } from "#apimachinery/quantity.ts";
import type { Cause } from "#apimachinery/status.ts";
import { forbidden, invalidValue, required } from "#apimachinery/validation/causes.ts";
import { repeated, validateList } from "./lists.ts";

const mostValues = 10;

/** @param shared whether the device may be allocated more than once */
export function validateCapacity({ value, requestPolicy }: DeviceCapacity, shared: boolean, field: string): readonly Cause[] {
  if (requestPolicy === undefined) return [];
  if (!shared) return [forbidden(`${field}.requestPolicy`, "allowMultipleAllocations must be true")];
  return validatePolicy(requestPolicy, Quantity.parse(value), `${field}.requestPolicy`);
}

function validatePolicy({ default: usual, validValues = [], validRange }: CapacityRequestPolicy, capacity: Quantity, field: string): readonly Cause[] {
  if (validValues.length > 0 && validRange !== undefined) return [forbidden(field, 'exactly one policy can be specified, cannot specify "validValues" and "validRange" at the same time')];
  if (validValues.length === 0 && validRange === undefined) return [];
  if (usual === undefined) return [required(`${field}.default`, `required when ${validRange === undefined ? "validValues" : "validRange"} is defined`)];
  return validRange === undefined
    ? validateValues(Quantity.parse(usual), capacity, validValues, `${field}.validValues`)
    : validateRange(Quantity.parse(usual), capacity, validRange, `${field}.validRange`);
}

function validateValues(usual: Quantity, capacity: Quantity, values: readonly string[], field: string): readonly Cause[] {
  const all = values.map((value) => Quantity.parse(value));
  const unsorted = all.flatMap((value, i) => ((all[i - 1]?.cmp(value) ?? 0) > 0 ? [invalidValue(`${field}[${i}]`, String(value), "values must be sorted in ascending order")] : []));
  const among = all.length <= mostValues && all.some((value) => value.cmp(usual) === 0);
  return [
    ...unsorted,
    ...validateList(all, mostValues, field, (value, at) => (value.cmp(capacity) > 0 ? [invalidValue(at, String(value), `option is larger than capacity value: ${String(capacity)}`)] : [])),
    ...repeated(all, mostValues, (value) => String(value.valueBigInt), field),
    ...(among ? [] : [invalidValue(field, String(usual), "default value is not valid according to the requestPolicy")]),
  ];
}

function validateRange(usual: Quantity, capacity: Quantity, range: CapacityRequestPolicyRange, field: string): readonly Cause[] {
  if (range.min === undefined) return [required(`${field}.min`, "required when validRange is defined")];
  const min = Quantity.parse(range.min);
  const [max, step] = [range.max, range.step].map((text) => (text === undefined ? undefined : Quantity.parse(text)));
  const says = (wrong: boolean, part: string, value: Quantity, text: string): readonly Cause[] => (wrong ? [invalidValue(`${field}.${part}`, String(value), text)] : []);
  return [
    ...says(min.cmp(capacity) > 0, "min", min, `min is larger than capacity value: ${String(capacity)}`),
    ...says(usual.cmp(min) < 0, "min", usual, `default is less than min: ${String(min)}`),
    ...(max === undefined ? [] : [
      ...says(min.cmp(max) > 0, "max", min, `min is larger than max: ${String(max)}`),
      ...says(max.cmp(capacity) > 0, "max", max, `max is larger than capacity value: ${String(capacity)}`),
      ...says(usual.cmp(max) > 0, "max", usual, `default is more than max: ${String(max)}`),
    ]),
    ...(step === undefined ? [] : [
      ...says(min.add(step).cmp(capacity) > 0, "step", step, `one step ${String(min.add(step))} is larger than capacity value: ${String(capacity)}`),
      ...[usual, ...(max === undefined ? [] : [max])].flatMap((value) => says(!isMultiple(value, min, step), "step", value, `value is not a multiple of a given step (${String(step)}) from (${String(min)})`)),
    ]),
  ];
}

/** A step of nothing leads nowhere. */
function isMultiple(value: Quantity, min: Quantity, step: Quantity): boolean {
  const distance = value.valueBigInt - min.valueBigInt;
  return step.valueBigInt === 0n ? distance === 0n : distance % step.valueBigInt === 0n;
}
