/** Upstream: pkg/apis/autoscaling/validation */
import type { HorizontalPodAutoscaler, HPAScalingPolicy, HPAScalingRules } from "#api/gen/autoscaling-v2.ts";
import type { Cause } from "#apimachinery/status.ts";
import { forbidden, invalidValue, nonNegative, notSupported, required } from "#apimachinery/validation/causes.ts";
import { quantityOf } from "../common/quantity-of.ts";
import { validateMetric } from "./validate-metric.ts";
import { validateReference } from "./validate-reference.ts";

const maxPeriodSeconds = 1800;
const maxStabilizationSeconds = 3600;

/** Nobody begins with no replicas at all; whoever has gone down to none may stay there. */
export const validateLeast = ({ spec: { minReplicas: min } }: Floored, old?: Floored): readonly Cause[] =>
  (min === 0 && old?.spec.minReplicas !== 0 ? [invalidValue("spec.minReplicas", min, "must be greater than or equal to 1")] : []);

interface Floored { readonly spec: { readonly minReplicas?: number } }

export function validateAutoscaler({ spec }: HorizontalPodAutoscaler): readonly Cause[] {
  const { minReplicas: min, maxReplicas: max, metrics = [], behavior } = spec;
  const wakes = metrics.some(({ type }) => type === "Object" || type === "External");
  return [
    ...(min !== undefined && min < 0 ? [invalidValue("spec.minReplicas", min, "must be greater than or equal to 1")] : []),
    ...(max < 1 ? [invalidValue("spec.maxReplicas", max, "must be greater than 0")] : []),
    ...(min !== undefined && max < min ? [invalidValue("spec.maxReplicas", max, "must be greater than or equal to `minReplicas`")] : []),
    ...validateReference(spec.scaleTargetRef, "spec.scaleTargetRef"),
    ...metrics.flatMap((metric, i) => validateMetric(metric, `spec.metrics[${i}]`)),
    ...(min === 0 && !wakes ? [forbidden("spec.metrics", "must specify at least one Object or External metric to support scaling to zero replicas")] : []),
    ...validateRules(behavior?.scaleUp, "spec.behavior.scaleUp"),
    ...validateRules(behavior?.scaleDown, "spec.behavior.scaleDown"),
  ];
}

const selections: readonly string[] = ["Disabled", "Max", "Min"];

function validateRules(rules: HPAScalingRules | undefined, field: string): readonly Cause[] {
  if (rules === undefined) return [];
  const { stabilizationWindowSeconds: window, selectPolicy, policies = [], tolerance } = rules;
  const at = `${field}.stabilizationWindowSeconds`;
  return [
    ...(window !== undefined && window < 0 ? [invalidValue(at, window, "must be greater than or equal to zero")] : []),
    ...(window !== undefined && window > maxStabilizationSeconds ? [invalidValue(at, window, `must be less than or equal to ${maxStabilizationSeconds}`)] : []),
    ...(selectPolicy === undefined || selections.includes(selectPolicy) ? [] : [notSupported(`${field}.selectPolicy`, selectPolicy, selections)]),
    ...(policies.length === 0 ? [required(`${field}.policies`, "must specify at least one Policy")] : []),
    ...policies.flatMap((policy, i) => validatePolicy(policy, `${field}.policies[${i}]`)),
    ...(tolerance !== undefined && quantityOf(tolerance)?.sign === -1 ? [invalidValue(`${field}.tolerance`, tolerance, "must be greater than or equal to 0")] : []),
  ];
}

const policyTypes: readonly string[] = ["Percent", "Pods"];

const validatePolicy = ({ type, value, periodSeconds: period }: HPAScalingPolicy, field: string): readonly Cause[] => [
  ...(policyTypes.includes(type) ? [] : [notSupported(`${field}.type`, type, policyTypes)]),
  ...(value <= 0 ? [invalidValue(`${field}.value`, value, "must be greater than zero")] : []),
  ...(period <= 0 ? [invalidValue(`${field}.periodSeconds`, period, "must be greater than zero")] : []),
  ...(period > maxPeriodSeconds ? [invalidValue(`${field}.periodSeconds`, period, `must be less than or equal to ${maxPeriodSeconds}`)] : []),
];

export const validateAutoscalerStatus = ({ status }: { readonly status: { readonly currentReplicas?: number; readonly desiredReplicas: number } }): readonly Cause[] =>
  [...nonNegative("status.currentReplicas", status.currentReplicas), ...nonNegative("status.desiredReplicas", status.desiredReplicas)];
