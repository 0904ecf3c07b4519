import type { Cause } from "../status.ts";
import { eachInvalid, forbidden, invalidValue, required } from "./causes.ts";
import { validateLabels } from "./metadata.ts";
import { labelValue, qualifiedName } from "./names.ts";

interface Requirement { readonly key: string; readonly operator: string; readonly values?: readonly string[] }
interface Selector { readonly matchLabels?: Readonly<Record<string, string>>; readonly matchExpressions?: readonly Requirement[] }

/** A `metav1.LabelSelector` in an object. Upstream: apimachinery/pkg/apis/meta/v1/validation ValidateLabelSelector */
export function validateLabelSelector(selector: Selector | undefined, path: string): Cause[] {
  if (selector === undefined) return [];
  return [
    ...validateLabels(selector.matchLabels, `${path}.matchLabels`),
    ...(selector.matchExpressions ?? []).flatMap((r, i) => validateRequirement(r, `${path}.matchExpressions[${i}]`)),
  ];
}

function validateRequirement({ key, operator, values = [] }: Requirement, path: string): Cause[] {
  const causes: Cause[] = [];
  const wantsValues = operator === "In" || operator === "NotIn";
  if (wantsValues && values.length === 0) causes.push(required(`${path}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
  if ((operator === "Exists" || operator === "DoesNotExist") && values.length > 0) causes.push(forbidden(`${path}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
  if (!wantsValues && operator !== "Exists" && operator !== "DoesNotExist") causes.push(invalidValue(`${path}.operator`, operator, "not a valid selector operator"));
  causes.push(...eachInvalid(`${path}.key`, key, qualifiedName(key)));
  return [...causes, ...values.flatMap((v, i) => eachInvalid(`${path}.values[${i}]`, v, labelValue(v)))];
}
