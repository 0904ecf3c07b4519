import { isDeepStrictEqual } from "node:util";
import type { PodCondition, PodStatus } from "#api/gen/core-v1.ts";

/**
 * The strategic merge patch that turns one status into another. It names the pod's uid, so that a pod of the same
 * name made meanwhile refuses it; conditions of others stay. Upstream: pkg/util/pod PatchPodStatus
 */
export function statusPatch(uid: string, old: PodStatus, next: PodStatus): object {
  const status: Record<string, unknown> = {};
  const [before, after] = [old as Record<string, unknown>, next as Record<string, unknown>];
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    if (!isDeepStrictEqual(before[key], after[key])) status[key] = after[key] === undefined ? null : after[key];
  }
  const conditions = changedConditions(old.conditions ?? [], next.conditions ?? []);
  if (conditions.length > 0) status["conditions"] = conditions;
  else delete status["conditions"];
  for (const key of ["podIPs", "hostIPs"] as const) if (Array.isArray(status[key]) && (old[key]?.length ?? 0) > 0) status[key] = [{ $patch: "replace" }, ...status[key]];
  return { metadata: { uid }, status };
}

/** Merged by type: only what differs, with what an old one had and the new one has not set to null. */
function changedConditions(old: readonly PodCondition[], next: readonly PodCondition[]): object[] {
  return next.flatMap((condition) => {
    const before = old.find((c) => c.type === condition.type);
    if (isDeepStrictEqual(before, condition)) return [];
    const gone = Object.keys(before ?? {}).filter((key) => !(key in condition));
    return [{ ...condition, ...Object.fromEntries(gone.map((key) => [key, null])) }];
  });
}
