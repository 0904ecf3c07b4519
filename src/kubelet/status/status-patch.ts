import { isDeepStrictEqual } from "node:util";
import type { PodCondition, PodStatus } from "#api/gen/core-v1.ts";
import { resizeConditions } from "./pod-conditions.ts";

/** What the kubelet says of a pod; all else in a status is others'. */
const own = [
  "observedGeneration",
  "phase",
  "message",
  "reason",
  "hostIP",
  "hostIPs",
  "podIP",
  "podIPs",
  "startTime",
  "qosClass",
  "initContainerStatuses",
  "containerStatuses",
  "ephemeralContainerStatuses",
  "allocatedResources",
  "resources",
] as const satisfies readonly (keyof PodStatus)[];

/**
 * The strategic merge patch that turns one status into another, undefined when they say the same. It names the pod's uid,
 * so that a pod of the same name made meanwhile refuses it; conditions of others stay. Upstream: pkg/util/pod PatchPodStatus
 */
export function statusPatch(uid: string, old: PodStatus, next: PodStatus): object | undefined {
  const status: Record<string, unknown> = {};
  for (const key of own) if (!isDeepStrictEqual(old[key], next[key])) status[key] = next[key] ?? null;
  for (const key of ["podIPs", "hostIPs"] as const)
    if (Array.isArray(status[key]) && (old[key]?.length ?? 0) > 0) status[key] = [{ $patch: "replace" }, ...status[key]];
  const conditions = changedConditions(old.conditions ?? [], next.conditions ?? []);
  if (conditions.length > 0) status["conditions"] = conditions;
  return Object.keys(status).length === 0 ? undefined : { metadata: { uid }, status };
}

/** Merged by type: those of a resize that is over go, else only what differs, with what an old one had and the new one has not set to null. */
function changedConditions(old: readonly PodCondition[], next: readonly PodCondition[]): object[] {
  const over = old.filter(({ type }) => resizeConditions.has(type) && !next.some((c) => c.type === type));
  const changed = next.flatMap((condition) => {
    const before = old.find((c) => c.type === condition.type);
    if (isDeepStrictEqual(before, condition)) return [];
    const gone = Object.keys(before ?? {}).filter((key) => !(key in condition));
    return [{ ...condition, ...Object.fromEntries(gone.map((key) => [key, null])) }];
  });
  return [...changed, ...over.map(({ type }) => ({ type, $patch: "delete" }))];
}
