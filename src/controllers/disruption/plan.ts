/** What a disruption budget allows. Pure. Upstream: pkg/controller/disruption/disruption.go */
import { deletionTimeoutMs, failedDisruption, withDisruptionCondition } from "#api/disruption.ts";
import type { Pod } from "#api/gen/core-v1.ts";
import type { PodDisruptionBudget, PodDisruptionBudgetStatus } from "#api/gen/policy-v1.ts";
import { isPodReady } from "#api/pod.ts";
import { semanticEqual } from "#apimachinery/equal.ts";
import { scaled } from "../scaled.ts";
import { millis } from "../time.ts";

export interface Plan {
  /** Absent when it is said already. */
  readonly status: PodDisruptionBudgetStatus | undefined;
  /** Pods whose eviction was announced and did not happen. */
  readonly kept: readonly Pod[];
  /** When the next of the announced evictions is no longer believed in; ms since the epoch. */
  readonly recheckAt: number | undefined;
}

/**
 * @param pods all that the budget guards
 * @param scale how many pods their controllers want, all together; asked only where the budget is a share of it
 */
export function plan(budget: PodDisruptionBudget, pods: readonly Pod[], scale: number, now: number): Plan {
  const { disruptedPods, kept, recheckAt } = announced(budget, pods, now);
  const { expectedPods, desiredHealthy } = wanted(budget, pods.length, scale);
  const currentHealthy = pods.filter((pod) => pod.metadata.deletionTimestamp === undefined && disruptedPods[pod.metadata.name] === undefined && isPodReady(pod)).length;
  const disruptionsAllowed = expectedPods <= 0 ? 0 : Math.max(0, currentHealthy - desiredHealthy);
  const { conditions } = budget.status;
  const next = withDisruptionCondition({
    observedGeneration: budget.metadata.generation ?? 0, disruptedPods, disruptionsAllowed, currentHealthy, desiredHealthy, expectedPods, ...(conditions && { conditions }),
  }, now);
  return { status: changedFrom(budget.status, next), kept, recheckAt };
}

/** The status of a budget that cannot be reckoned; undefined when it is said already. */
export const failed = ({ status }: PodDisruptionBudget, why: string, now: number): PodDisruptionBudgetStatus | undefined => changedFrom(status, failedDisruption(status, why, now));

/** Only a share of what controllers want needs their numbers. */
export const needsScale = ({ spec }: PodDisruptionBudget): boolean => spec.maxUnavailable !== undefined || typeof spec.minAvailable === "string";

function wanted({ spec }: PodDisruptionBudget, count: number, scale: number): { readonly expectedPods: number; readonly desiredHealthy: number } {
  if (spec.maxUnavailable !== undefined) return { expectedPods: scale, desiredHealthy: Math.max(0, scale - scaled(spec.maxUnavailable, scale, Math.ceil)) };
  if (typeof spec.minAvailable === "string") return { expectedPods: scale, desiredHealthy: scaled(spec.minAvailable, scale, Math.ceil) };
  return spec.minAvailable === undefined ? { expectedPods: 0, desiredHealthy: 0 } : { expectedPods: count, desiredHealthy: spec.minAvailable };
}

/** Upstream: buildDisruptedPodMap */
function announced({ status }: PodDisruptionBudget, pods: readonly Pod[], now: number): Pick<Plan, "kept" | "recheckAt"> & { readonly disruptedPods: Record<string, string> } {
  const disruptedPods: Record<string, string> = {};
  const kept: Pod[] = [];
  let recheckAt: number | undefined;
  for (const pod of pods) {
    const since = status.disruptedPods?.[pod.metadata.name];
    if (since === undefined || pod.metadata.deletionTimestamp !== undefined) continue;
    const until = millis(since) + deletionTimeoutMs;
    if (until < now) { kept.push(pod); continue; }
    disruptedPods[pod.metadata.name] = since;
    recheckAt = Math.min(recheckAt ?? until, until);
  }
  return { disruptedPods, kept, recheckAt };
}

/** The condition's transition time stays while its status does, so equal statuses are equal. */
const changedFrom = (old: PodDisruptionBudgetStatus, next: PodDisruptionBudgetStatus): PodDisruptionBudgetStatus | undefined =>
  (semanticEqual(comparable(old), comparable(next)) ? undefined : next);
const comparable = ({ observedGeneration = 0, disruptionsAllowed = 0, currentHealthy = 0, desiredHealthy = 0, expectedPods = 0, disruptedPods, conditions }: PodDisruptionBudgetStatus): object =>
  ({ observedGeneration, disruptionsAllowed, currentHealthy, desiredHealthy, expectedPods, disruptedPods, conditions });
