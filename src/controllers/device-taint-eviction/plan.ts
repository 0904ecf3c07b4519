/** When a pod must leave because of its devices. Pure. Upstream: pkg/controller/devicetainteviction/device_taint_eviction.go */
import type { Pod } from "#api/gen/core-v1.ts";
import type { DeviceRequestAllocationResult, DeviceTaint, DeviceToleration, ResourceClaim } from "#api/gen/resource-v1.ts";
import { isReservedFor } from "#api/resource-claim.ts";
import { isTerminal } from "#api/pod.ts";
import { tolerates } from "#api/taints.ts";
import type { Plan } from "../taint-eviction/plan.ts";
import { millis } from "../time.ts";

/**
 * @param claims those of the pod
 * @param taintsOf what the device of a result is tainted with
 * @param noticed when it was first known that the pod must leave, where a taint bears no time
 */
export function plan(pod: Pod, claims: readonly ResourceClaim[], taintsOf: (device: DeviceRequestAllocationResult) => readonly DeviceTaint[], now: number, noticed: number = now): Plan {
  if (isTerminal(pod) || pod.metadata.deletionTimestamp !== undefined || (pod.spec.nodeName ?? "") === "") return { action: "stay" };
  const results = claims.filter((claim) => isReservedFor(claim, pod)).flatMap(({ status }) => status.allocation?.devices?.results ?? []);
  const times = results.flatMap((result) => taintsOf(result).flatMap((taint) => leaveAt(taint, result.tolerations, noticed) ?? []));
  return times.length === 0 ? { action: "stay" } : { action: "leave", leaveAt: Math.min(...times) };
}

/** Undefined: never. The shortest of several tolerations counts. */
function leaveAt({ key, value = "", effect, timeAdded }: DeviceTaint, tolerations: readonly DeviceToleration[] = [], noticed: number): number | undefined {
  if (effect !== "NoExecute") return undefined;
  const bearing = tolerations.filter(({ effect: of, ...one }) => (of === undefined || of === "NoExecute") && tolerates(one, { key, value, effect }));
  const since = timeAdded === undefined ? noticed : millis(timeAdded);
  if (bearing.length === 0) return since;
  const seconds = bearing.flatMap(({ tolerationSeconds }) => tolerationSeconds ?? []);
  return seconds.length === 0 ? undefined : since + Math.max(0, Math.min(...seconds)) * 1000;
}
