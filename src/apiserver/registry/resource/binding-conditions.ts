/** What a pod waits for before it is bound, and what tells that waiting is in vain. Upstream: pkg/apis/resource/validation validateDeviceBindingParameters */
import type { Cause } from "#apimachinery/status.ts";
import { eachInvalid, invalidValue } from "#apimachinery/validation/causes.ts";
import { qualifiedName } from "#apimachinery/validation/names.ts";
import { repeated, validateList } from "./lists.ts";

const most = 4;

export function validateBindingConditions({ bindingConditions: wanted = [], bindingFailureConditions: failures = [] }: { readonly bindingConditions?: readonly string[]; readonly bindingFailureConditions?: readonly string[] }, field: string): readonly Cause[] {
  const [one, other] = [`${field}.bindingConditions`, `${field}.bindingFailureConditions`];
  const named = (name: string, at: string): readonly Cause[] => eachInvalid(at, name, qualifiedName(name));
  return [
    ...validateList(wanted, most, one, named), ...validateList(failures, most, other, named),
    ...repeated(wanted, Infinity, (name) => name, one), ...repeated(failures, Infinity, (name) => name, other),
    ...failures.flatMap((name, i) => (wanted.includes(name) ? [invalidValue(`${other}[${i}]`, name, "bindingFailureConditions must not overlap with bindingConditions")] : [])),
    ...(wanted.length === 0 && failures.length > 0 ? [invalidValue(one, wanted, "bindingConditions are required to use bindingFailureConditions")] : []),
    ...(failures.length === 0 && wanted.length > 0 ? [invalidValue(other, failures, "bindingFailureConditions are required to use bindingConditions")] : []),
  ];
}
