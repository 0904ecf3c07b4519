import type { PodSchedulingGate, Toleration, TopologySpreadConstraint } from "#api/gen/core-v1.ts";
import type { Cause } from "#apimachinery/status.ts";
import { duplicate, eachInvalid, forbidden, invalidValue, notSupported, required } from "#apimachinery/validation/causes.ts";
import { labelValue, qualifiedName } from "#apimachinery/validation/names.ts";
import { validateLabelSelector } from "#apimachinery/validation/selector.ts";

const effects: readonly string[] = ["NoSchedule", "PreferNoSchedule", "NoExecute"];

/** Upstream: pkg/apis/core/validation ValidateTolerations */
export const validateTolerations = (tolerations: readonly Toleration[], field: string): readonly Cause[] =>
  tolerations.flatMap((toleration, i) => validateToleration(toleration, `${field}[${i}]`));

function validateToleration(toleration: Toleration, field: string): readonly Cause[] {
  const { key = "", operator = "", effect = "", tolerationSeconds } = toleration;
  return [
    ...(key === "" ? [] : eachInvalid(`${field}.key`, key, qualifiedName(key))),
    ...(key === "" && operator !== "Exists"
      ? [invalidValue(`${field}.operator`, operator, 'operator must be Exists when `key` is empty, which means "match all values and all keys"')]
      : []),
    ...(tolerationSeconds !== undefined && effect !== "NoExecute"
      ? [invalidValue(`${field}.effect`, effect, "effect must be 'NoExecute' when `tolerationSeconds` is set")]
      : []),
    ...validateOperator(toleration, `${field}.operator`),
    ...(effect === "" || effects.includes(effect) ? [] : [notSupported(`${field}.effect`, effect, effects)]),
  ];
}

function validateOperator(toleration: Toleration, field: string): readonly Cause[] {
  const { operator = "Equal", value = "" } = toleration;
  switch (operator) {
    case "Equal": {
      const problems = labelValue(value);
      return problems.length === 0 ? [] : [invalidValue(field, value, problems.join(";"))];
    }
    case "Exists":
      return value === "" ? [] : [invalidValue(field, toleration, "value must be empty when `operator` is 'Exists'")];
    case "Lt": case "Gt": // behind a feature gate upstream
    default:
      return [notSupported(field, operator, ["Equal", "Exists"])];
  }
}

/** Upstream: pkg/apis/core/validation validateTopologySpreadConstraints */
export function validateSpread(constraints: readonly TopologySpreadConstraint[], field: string): readonly Cause[] {
  const pairs = constraints.map(({ topologyKey, whenUnsatisfiable }) => `{${topologyKey}, ${whenUnsatisfiable}}`);
  return constraints.flatMap((constraint, i) => {
    const [at, pair = ""] = [`${field}[${i}]`, pairs[i]];
    const twice = pairs.includes(pair, i + 1) ? [duplicate(`${at}.{topologyKey, whenUnsatisfiable}`, pair)] : [];
    return [...validateConstraint(constraint, at), ...twice];
  });
}

function validateConstraint(constraint: TopologySpreadConstraint, field: string): readonly Cause[] {
  const { maxSkew, topologyKey, whenUnsatisfiable: when, minDomains, labelSelector, matchLabelKeys = [] } = constraint;
  const policies = ["Honor", "Ignore"];
  return [
    ...(maxSkew > 0 ? [] : [invalidValue(`${field}.maxSkew`, maxSkew, "must be greater than zero")]),
    ...(topologyKey === "" ? [required(`${field}.topologyKey`, "can not be empty")] : eachInvalid(`${field}.topologyKey`, topologyKey, qualifiedName(topologyKey))),
    ...(["DoNotSchedule", "ScheduleAnyway"].includes(when) ? [] : [notSupported(`${field}.whenUnsatisfiable`, when, ["DoNotSchedule", "ScheduleAnyway"])]),
    ...(minDomains !== undefined && minDomains <= 0 ? [invalidValue(`${field}.minDomains`, minDomains, "must be greater than zero")] : []),
    ...(minDomains !== undefined && when !== "DoNotSchedule"
      ? [invalidValue(`${field}.minDomains`, minDomains, `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${when}`)]
      : []),
    ...(["nodeAffinityPolicy", "nodeTaintsPolicy"] as const).flatMap((name) => {
      const policy = constraint[name];
      return policy === undefined || policies.includes(policy) ? [] : [notSupported(`${field}.${name}`, policy, policies)];
    }),
    ...(matchLabelKeys.length > 0 && labelSelector === undefined
      ? [forbidden(`${field}.matchLabelKeys`, "must not be specified when labelSelector is not set")]
      : []),
    ...matchLabelKeys.flatMap((key, i) => eachInvalid(`${field}.matchLabelKeys[${i}]`, key, qualifiedName(key))),
    ...validateLabelSelector(labelSelector, `${field}.labelSelector`),
  ];
}

/** Upstream: pkg/apis/core/validation validateSchedulingGates */
export function validateGates(gates: readonly PodSchedulingGate[], field: string): readonly Cause[] {
  return gates.flatMap(({ name }, i) => [
    ...eachInvalid(`${field}[${i}]`, name, qualifiedName(name)),
    ...(gates.findIndex((gate) => gate.name === name) < i ? [duplicate(`${field}[${i}]`, name)] : []),
  ]);
}
