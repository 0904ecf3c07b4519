import type { PodDisruptionBudget } from "#api/gen/policy-v1.ts";
import type { Cause } from "#apimachinery/status.ts";
import { eachInvalid, invalidValue, nonNegative, notSupported } from "#apimachinery/validation/causes.ts";
import { percent } from "#apimachinery/validation/names.ts";
import { validateLabelSelector } from "#apimachinery/validation/selector.ts";
import { ageColumn, nameColumn } from "../common/columns.ts";
import type { Resource } from "../resource.ts";

function validateAmount(field: string, value: number | string | undefined): readonly Cause[] {
  if (value === undefined) return [];
  if (typeof value === "number") return nonNegative(field, value);
  const problems = eachInvalid(field, value, percent(value));
  return problems.length === 0 && Number.parseInt(value, 10) > 100 ? [invalidValue(field, value, "must not be greater than 100%")] : problems;
}

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

export const podDisruptionBudgets: Resource<PodDisruptionBudget> = {
  group: "policy", version: "v1", kind: "PodDisruptionBudget", schema: "policy/v1.PodDisruptionBudget", scope: "Namespaced",
  names: { plural: "poddisruptionbudgets", singular: "poddisruptionbudget", short: ["pdb"] },
  unconditionalUpdate: false,
  validate,
  subresources: {
    status: { type: "write", prepareUpdate: (next, old) => { next.spec = old.spec; } },
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
