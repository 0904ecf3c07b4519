import type { PodDisruptionBudget } from "#api/gen/policy-v1.ts";
import type { Cause } from "#apimachinery/status.ts";
import { invalidValue, nonNegative, notSupported } from "#apimachinery/validation/causes.ts";
import { validateLabelSelector } from "#apimachinery/validation/selector.ts";
import { ageColumn, nameColumn } from "../common/columns.ts";
import { atMostAll, validateIntOrPercent, type IntOrPercent } from "../common/int-or-percent.ts";
import type { Resource } from "../resource.ts";

const validateAmount = (field: string, value: IntOrPercent | undefined): readonly Cause[] => [...validateIntOrPercent(field, value), ...atMostAll(field, value)];

const policies: readonly string[] = ["AlwaysAllow", "IfHealthyBudget"];

/** Upstream: pkg/apis/policy/validation ValidatePodDisruptionBudgetSpec */
function validate({ spec }: PodDisruptionBudget): readonly Cause[] {
  const { minAvailable, maxUnavailable, unhealthyPodEvictionPolicy: policy } = spec;
  return [
    ...(minAvailable !== undefined && maxUnavailable !== undefined ? [invalidValue("spec", spec, "minAvailable and maxUnavailable cannot be both set")] : []),
    ...validateAmount("spec.minAvailable", minAvailable),
    ...validateAmount("spec.maxUnavailable", maxUnavailable),
    ...validateLabelSelector(spec.selector, "spec.selector"),
    ...(policy === undefined || policies.includes(policy) ? [] : [notSupported("spec.unhealthyPodEvictionPolicy", policy, policies)]),
  ];
}

/** Upstream: pkg/apis/policy/validation ValidatePodDisruptionBudgetStatusUpdate */
const validateStatus = ({ status }: PodDisruptionBudget): readonly Cause[] =>
  (["disruptionsAllowed", "currentHealthy", "desiredHealthy", "expectedPods"] as const).flatMap((name) => nonNegative(`status.${name}`, status[name]));

export const podDisruptionBudgets: Resource<PodDisruptionBudget> = {
  group: "policy", version: "v1", kind: "PodDisruptionBudget", schema: "policy/v1.PodDisruptionBudget", scope: "Namespaced",
  names: { plural: "poddisruptionbudgets", singular: "poddisruptionbudget", short: ["pdb"] },
  unconditionalUpdate: false,
  validate,
  subresources: {
    status: { type: "write", prepareUpdate: (next, old) => { next.spec = old.spec; }, validateUpdate: validateStatus },
  },
  columns: [
    nameColumn,
    { name: "Min Available", type: "string", description: "The minimum number of pods that must be available.", cell: ({ spec }) => spec.minAvailable ?? "N/A" },
    {
      name: "Max Unavailable", type: "string", description: "The maximum number of pods that may be unavailable.",
      cell: ({ spec }) => spec.maxUnavailable ?? "N/A",
    },
    {
      name: "Allowed Disruptions", type: "integer", description: "Calculated number of pods that may be disrupted at this time.",
      cell: ({ status }) => status.disruptionsAllowed ?? 0,
    },
    ageColumn,
  ],
};
