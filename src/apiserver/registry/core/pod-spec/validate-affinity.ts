import type { Affinity, NodeAffinity, NodeSelector, NodeSelectorRequirement, NodeSelectorTerm, PodAffinity, PodAffinityTerm } from "#api/gen/core-v1.ts";
import type { Cause } from "#apimachinery/status.ts";
import { eachInvalid, forbidden, invalidValue, required } from "#apimachinery/validation/causes.ts";
import { dns1123Label, dns1123Subdomain, qualifiedName } from "#apimachinery/validation/names.ts";
import { validateLabelSelector } from "#apimachinery/validation/selector.ts";

/** Upstream: pkg/apis/core/validation ValidateNodeSelectorRequirement */
function validateExpression({ key, operator, values = [] }: NodeSelectorRequirement, field: string): readonly Cause[] {
  const problems = (): readonly Cause[] => {
    switch (operator) {
      case "In": case "NotIn": return values.length > 0 ? [] : [required(`${field}.values`, "must be specified when `operator` is 'In' or 'NotIn'")];
      case "Exists": case "DoesNotExist": return values.length === 0 ? [] : [forbidden(`${field}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")];
      case "Gt": case "Lt": return values.length === 1 ? [] : [required(`${field}.values`, "must be specified single value when `operator` is 'Lt' or 'Gt'")];
      default: return [invalidValue(`${field}.operator`, operator, "not a valid selector operator")];
    }
  };
  return [...problems(), ...eachInvalid(`${field}.key`, key, qualifiedName(key))];
}

/** Upstream: pkg/apis/core/validation ValidateNodeFieldSelectorRequirement */
function validateFieldExpression({ key, operator, values = [] }: NodeSelectorRequirement, field: string): readonly Cause[] {
  const known = operator === "In" || operator === "NotIn";
  return [
    ...(known ? [] : [invalidValue(`${field}.operator`, operator, "not a valid selector operator")]),
    ...(known && values.length !== 1 ? [required(`${field}.values`, "must be only one value when `operator` is 'In' or 'NotIn' for node field selector")] : []),
    ...(key === "metadata.name" ? values.flatMap((value, i) => eachInvalid(`${field}.values[${i}]`, value, dns1123Subdomain(value))) : [invalidValue(`${field}.key`, key, "not a valid field selector key")]),
  ];
}

const validateTerm = ({ matchExpressions = [], matchFields = [] }: NodeSelectorTerm, field: string): readonly Cause[] => [
  ...matchExpressions.flatMap((expression, i) => validateExpression(expression, `${field}.matchExpressions[${i}]`)),
  ...matchFields.flatMap((expression, i) => validateFieldExpression(expression, `${field}.matchFields[${i}]`)),
];

/** Upstream: pkg/apis/core/validation ValidateNodeSelector */
export function validateNodeSelector({ nodeSelectorTerms: terms }: NodeSelector, field: string): readonly Cause[] {
  if (!terms?.length) return [required(`${field}.nodeSelectorTerms`, "must have at least one node selector term")];
  return terms.flatMap((term, i) => validateTerm(term, `${field}.nodeSelectorTerms[${i}]`));
}

const weight = (field: string, value: number): readonly Cause[] => (value >= 1 && value <= 100 ? [] : [invalidValue(field, value, "must be in the range 1-100")]);

const requiredTerms = "requiredDuringSchedulingIgnoredDuringExecution";
const preferredTerms = "preferredDuringSchedulingIgnoredDuringExecution";

function validateNodeAffinity(affinity: NodeAffinity, field: string): readonly Cause[] {
  const selector = affinity[requiredTerms];
  return [
    ...(selector === undefined ? [] : validateNodeSelector(selector, `${field}.${requiredTerms}`)),
    ...(affinity[preferredTerms] ?? []).flatMap((term, i) => [
      ...weight(`${field}.${preferredTerms}[${i}].weight`, term.weight),
      ...validateTerm(term.preference, `${field}.${preferredTerms}[${i}].preference`),
    ]),
  ];
}

/** Upstream: pkg/apis/core/validation validatePodAffinityTerm */
function validatePodTerm(term: PodAffinityTerm, field: string): readonly Cause[] {
  return [
    ...validateLabelSelector(term.labelSelector, `${field}.labelSelector`),
    ...validateLabelSelector(term.namespaceSelector, `${field}.namespaceSelector`),
    ...(term.namespaces ?? []).flatMap((name) => eachInvalid(`${field}.namespace`, name, dns1123Label(name))),
    ...validateMatchKeys(term, field),
    ...(term.topologyKey === "" ? [required(`${field}.topologyKey`, "can not be empty")] : []),
    ...eachInvalid(`${field}.topologyKey`, term.topologyKey, qualifiedName(term.topologyKey)),
  ];
}

function validateMatchKeys({ matchLabelKeys = [], mismatchLabelKeys = [], labelSelector }: PodAffinityTerm, field: string): readonly Cause[] {
  return [
    ...matchLabelKeys.flatMap((key, i) => eachInvalid(`${field}.matchLabelKeys[${i}]`, key, qualifiedName(key))),
    ...mismatchLabelKeys.flatMap((key, i) => eachInvalid(`${field}.mismatchLabelKeys[${i}]`, key, qualifiedName(key))),
    ...(labelSelector === undefined && matchLabelKeys.length > 0
      ? [forbidden(`${field}.matchLabelKeys`, "must not be specified when labelSelector is not set")]
      : []),
    ...(labelSelector === undefined && mismatchLabelKeys.length > 0
      ? [forbidden(`${field}.mismatchLabelKeys`, "must not be specified when labelSelector is not set")]
      : []),
    ...matchLabelKeys.filter((key) => mismatchLabelKeys.includes(key)).map((key) => invalidValue(`${field}.matchLabelKeys[${matchLabelKeys.indexOf(key)}]`, key, "exists in both matchLabelKeys and mismatchLabelKeys")),
  ];
}

function validatePodAffinity(affinity: PodAffinity, field: string): readonly Cause[] {
  return [
    ...(affinity[requiredTerms] ?? []).flatMap((term, i) => validatePodTerm(term, `${field}.${requiredTerms}[${i}]`)),
    ...(affinity[preferredTerms] ?? []).flatMap((term, i) => [
      ...weight(`${field}.${preferredTerms}[${i}].weight`, term.weight),
      ...validatePodTerm(term.podAffinityTerm, `${field}.${preferredTerms}[${i}].podAffinityTerm`),
    ]),
  ];
}

/** Upstream: pkg/apis/core/validation validateAffinity */
export const validateAffinity = ({ nodeAffinity, podAffinity, podAntiAffinity }: Affinity, field: string): readonly Cause[] => [
  ...(nodeAffinity ? validateNodeAffinity(nodeAffinity, `${field}.nodeAffinity`) : []),
  ...(podAffinity ? validatePodAffinity(podAffinity, `${field}.podAffinity`) : []),
  ...(podAntiAffinity ? validatePodAffinity(podAntiAffinity, `${field}.podAntiAffinity`) : []),
];
