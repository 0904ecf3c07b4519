import type { Cause } from "#apimachinery/status.ts";
import { invalidValue, nonNegative } from "#apimachinery/validation/causes.ts";

interface Counts {
  readonly replicas?: number; readonly fullyLabeledReplicas?: number; readonly updatedReplicas?: number; readonly readyReplicas?: number;
  readonly availableReplicas?: number; readonly unavailableReplicas?: number; readonly observedGeneration?: number;
}

/** What a controller counted must fit together. Upstream: pkg/apis/apps/validation ValidateDeploymentStatus, ValidateReplicaSetStatus */
export function validateCounts(status: Counts): readonly Cause[] {
  const all = ["replicas", "fullyLabeledReplicas", "updatedReplicas", "readyReplicas", "availableReplicas", "unavailableReplicas", "observedGeneration"] as const;
  const parts = ["fullyLabeledReplicas", "updatedReplicas", "readyReplicas", "availableReplicas"] as const;
  const { replicas = 0, readyReplicas = 0, availableReplicas = 0 } = status;
  return [
    ...all.flatMap((name) => nonNegative(`status.${name}`, status[name])),
    ...parts.flatMap((name) => ((status[name] ?? 0) > replicas ? [invalidValue(`status.${name}`, status[name], "cannot be greater than status.replicas")] : [])),
    ...(availableReplicas > readyReplicas ? [invalidValue("status.availableReplicas", availableReplicas, "cannot be greater than readyReplicas")] : []),
  ];
}
