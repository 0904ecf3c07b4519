/** Disruption budgets: what the server charges and the controller counts. Upstream: pkg/apis/policy, component-helpers/apps/poddisruptionbudget/helpers.go */
import type { PodDisruptionBudgetStatus } from "./gen/policy-v1.ts";
import { setCondition } from "./conditions.ts";
import type { Condition } from "./gen/meta-v1.ts";
import { timestamp } from "#apimachinery/time.ts";

/** How long an eviction is believed in before the pod has gone. Upstream: DeletionTimeout */
export const deletionTimeoutMs = 120_000;

const allowed = "DisruptionAllowed";

const conditionOf = ({ disruptionsAllowed = 0, observedGeneration = 0 }: PodDisruptionBudgetStatus, now: number): Condition => ({
  type: allowed, status: disruptionsAllowed > 0 ? "True" : "False", reason: disruptionsAllowed > 0 ? "SufficientPods" : "InsufficientPods",
  message: "", observedGeneration, lastTransitionTime: timestamp(now),
});

/** The status with the condition that follows from it. @param now milliseconds since 1970 */
export const withDisruptionCondition = (status: PodDisruptionBudgetStatus, now: number): PodDisruptionBudgetStatus => ({ ...status, conditions: setCondition<Condition>(status.conditions, conditionOf(status, now), now) });

/** The status of a budget that could not be reckoned: nothing is allowed. */
export function failedDisruption(status: PodDisruptionBudgetStatus, why: string, now: number): PodDisruptionBudgetStatus {
  const condition = { ...conditionOf({ ...status, disruptionsAllowed: 0 }, now), reason: "SyncFailed", message: why };
  return { ...status, disruptionsAllowed: 0, conditions: setCondition<Condition>(status.conditions, condition, now) };
}
