/** Whether a pod may be evicted, and what a budget says then. Pure. Upstream: pkg/registry/core/pod/storage/eviction.go */
import type { Pod } from "#api/gen/core-v1.ts";
import type { PodDisruptionBudget } from "#api/gen/policy-v1.ts";
import { withDisruptionCondition } from "#api/disruption.ts";
import { getCondition, isPodReady, isTerminal } from "#api/pod.ts";
import { labelSelectorOf } from "#apimachinery/selectors.ts";
import { forbidden, StatusError } from "#apimachinery/status.ts";
import { timestamp } from "#apimachinery/time.ts";

/** Evictions that the budget's controller has not confirmed yet; more are not taken. Upstream: MaxDisruptedPodSize */
const maxDisruptedPods = 2000;
const violation = "Cannot evict pod as it would violate the pod's disruption budget.";

/** Budgets that guard this pod. A selector that is none guards nothing, an empty one everything. */
export const budgetsOf = (pod: Pod, budgets: readonly PodDisruptionBudget[]): readonly PodDisruptionBudget[] => budgets.filter(({ spec }) => labelSelectorOf(spec.selector).matches(pod.metadata.labels));

/** It serves nobody yet, or no longer: no budget is asked. */
export const isUnguarded = ({ metadata, status }: Pod): boolean => isTerminal({ status }) || status.phase === "Pending" || metadata.deletionTimestamp !== undefined;

/** It might serve by the time it is deleted, unless nothing else has happened to it. */
export const mayRecover = ({ metadata, status }: Pod): boolean => !isTerminal({ status }) && metadata.deletionTimestamp === undefined;

/** Does not count as healthy, so that its loss costs the budget nothing. */
export function isSpare(pod: Pod, { spec, status }: PodDisruptionBudget): boolean {
  if (isPodReady(pod)) return false;
  if (spec.unhealthyPodEvictionPolicy === "AlwaysAllow") return true;
  const { currentHealthy = 0, desiredHealthy = 0 } = status;
  return currentHealthy >= desiredHealthy && desiredHealthy > 0;
}

/** The budget after one more disruption. Throws TooManyRequests, Forbidden. */
export function disrupt(budget: PodDisruptionBudget, podName: string, now: number): PodDisruptionBudget {
  const { metadata, status } = budget;
  const { disruptionsAllowed = 0, disruptedPods = {} } = status;
  if ((status.observedGeneration ?? 0) < (metadata.generation ?? 0)) throw stillProcessing(metadata.name);
  const about = { group: "policy", resource: "poddisruptionbudget" };
  if (disruptionsAllowed < 0) throw forbidden(about, metadata.name, "pdb disruptions allowed is negative");
  if (Object.keys(disruptedPods).length > maxDisruptedPods) throw forbidden(about, metadata.name, "DisruptedPods map too big - too many evictions not confirmed by PDB controller");
  if (disruptionsAllowed === 0) throw tooMany(whyNot(budget));
  const next = { ...status, disruptionsAllowed: disruptionsAllowed - 1, disruptedPods: { ...disruptedPods, [podName]: timestamp(now) } };
  return { ...budget, status: next.disruptionsAllowed === 0 ? withDisruptionCondition(next, now) : next };
}

/** The counts of a budget that could not be reckoned are not to be trusted: that is said first. */
function whyNot({ metadata: { name }, status }: PodDisruptionBudget): string {
  const { currentHealthy = 0, desiredHealthy = 0, conditions } = status;
  const condition = getCondition(conditions, "DisruptionAllowed");
  const refusal = condition?.status === "False" && condition.message !== "" ? condition : undefined;
  if (refusal?.reason === "SyncFailed") return `The disruption budget ${name} does not allow evicting pods currently because it failed sync: ${refusal.message}`;
  if (currentHealthy <= desiredHealthy) return `The disruption budget ${name} needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`;
  return `The disruption budget ${name} does not allow evicting pods currently${refusal === undefined ? "" : ` (${refusal.reason}): ${refusal.message}`}`;
}

const tooMany = (why: string, retryAfterSeconds?: number): StatusError =>
  new StatusError("TooManyRequests", violation, { causes: [{ reason: "DisruptionBudget", message: why }], ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) });

/** Nobody knows yet what the budget allows. */
export const stillProcessing = (name: string): StatusError => tooMany(`The disruption budget ${name} is still being processed by the server.`, 10);
