/** Taints and who bears them. Upstream: component-helpers/scheduling/corev1/helpers.go, api/core/v1/toleration.go */
import type { Taint, Toleration } from "./gen/core-v1.ts";

/** Whether one toleration bears one taint. An empty key with Exists bears all; an empty effect bears each effect. */
export function tolerates(toleration: Toleration, taint: Pick<Taint, "key" | "value" | "effect">): boolean {
  if (toleration.effect && toleration.effect !== taint.effect) return false;
  if (toleration.key && toleration.key !== taint.key) return false;
  const { operator } = toleration;
  if (operator === "Exists") return true;
  if (operator === "Lt" || operator === "Gt") return compares(operator, taint.value ?? "", toleration.value ?? "");
  return (toleration.value ?? "") === (taint.value ?? "");
}

function compares(operator: "Lt" | "Gt", taint: string, bound: string): boolean {
  if (!/^-?\d+$/.test(taint) || !/^-?\d+$/.test(bound)) return false;
  return operator === "Lt" ? BigInt(taint) < BigInt(bound) : BigInt(taint) > BigInt(bound);
}

/** Whether any of the tolerations bears the taint. */
export const tolerated = (taint: Taint, tolerations: readonly Toleration[] | undefined): boolean => tolerations?.some((t) => tolerates(t, taint)) === true;

/** The first taint of one of these effects that nothing bears. */
export const untoleratedTaint = (taints: readonly Taint[] | undefined, tolerations: readonly Toleration[] | undefined, effects: readonly Taint["effect"][] = ["NoSchedule", "NoExecute"]): Taint | undefined =>
  taints?.find((taint) => effects.includes(taint.effect) && !tolerated(taint, tolerations));

/**
 * For how many seconds a pod may stay on a node with these NoExecute taints: undefined for ever, 0 not at all.
 * Upstream: pkg/controller/tainteviction getMinTolerationTime
 */
export function secondsTolerated(taints: readonly Taint[], tolerations: readonly Toleration[] | undefined): number | undefined {
  const evicting = taints.filter((t) => t.effect === "NoExecute");
  let least: number | undefined;
  for (const taint of evicting) {
    const bearing = tolerations?.filter((t) => tolerates(t, taint)) ?? [];
    if (bearing.length === 0) return 0;
    for (const { tolerationSeconds } of bearing) if (tolerationSeconds !== undefined) least = Math.min(least ?? Infinity, Math.max(0, tolerationSeconds));
  }
  return least;
}
