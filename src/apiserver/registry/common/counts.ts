import type { Cause } from "#apimachinery/status.ts";
import { invalidValue, nonNegative } from "#apimachinery/validation/causes.ts";

const all = [
  "replicas", "fullyLabeledReplicas", "currentReplicas", "updatedReplicas", "readyReplicas", "availableReplicas", "unavailableReplicas", "terminatingReplicas", "observedGeneration",
] as const;
const parts = ["fullyLabeledReplicas", "readyReplicas", "currentReplicas", "updatedReplicas", "availableReplicas"] as const;

type Counts = { readonly [K in (typeof all)[number]]?: number };
interface Collisions { readonly collisionCount?: number }

/** What a controller counted must fit together. Upstream: pkg/apis/apps/validation ValidateDeploymentStatus, ValidateReplicaSetStatus, ValidateStatefulSetStatus */
export function validateCounts(status: Counts, ready = "readyReplicas"): readonly Cause[] {
  const { replicas = 0, readyReplicas = 0, availableReplicas = 0 } = status;
  return [
    ...all.flatMap((name) => nonNegative(`status.${name}`, status[name])),
    ...parts.flatMap((name) => ((status[name] ?? 0) > replicas ? [invalidValue(`status.${name}`, status[name], "cannot be greater than status.replicas")] : [])),
    ...(availableReplicas > readyReplicas ? [invalidValue("status.availableReplicas", availableReplicas, `cannot be greater than ${ready}`)] : []),
  ];
}

/** A controller that met a taken name does not forget it. Upstream: pkg/apis/core/validation IsDecremented */
export function validateCollisions(next: Collisions, old: Collisions): readonly Cause[] {
  const { collisionCount: count } = next;
  const fewer = old.collisionCount !== undefined && (count === undefined || count < old.collisionCount);
  return [
    ...nonNegative("status.collisionCount", count),
    ...(fewer ? [invalidValue("status.collisionCount", count ?? 0, "cannot be decremented")] : []),
  ];
}
