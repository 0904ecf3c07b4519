import type { Pod, Taint } from "#api/gen/core-v1.ts";
import { secondsTolerated } from "#api/taints.ts";
import { millis } from "../time.ts";

/** `stay`: nothing drives the pod away. `leaveAt`: it goes then, in ms since the epoch. */
export type Plan = { readonly action: "stay" } | { readonly action: "leave"; readonly leaveAt: number };

/**
 * When a pod must leave a node with these taints. Upstream: pkg/controller/tainteviction/taint_eviction.go
 * @param noticed when it was first known that the pod must leave: what users taint with bears no time
 */
export function plan(pod: Pod, taints: readonly Taint[], now: number, noticed: number = now): Plan {
  const driving = taints.filter(({ effect }) => effect === "NoExecute");
  if (driving.length === 0 || pod.metadata.deletionTimestamp !== undefined) return { action: "stay" };
  const seconds = secondsTolerated(driving, pod.spec.tolerations);
  if (seconds === undefined) return { action: "stay" };
  const since = Math.min(...driving.map(({ timeAdded }) => (timeAdded === undefined ? noticed : millis(timeAdded))));
  return { action: "leave", leaveAt: seconds <= 0 ? now : since + seconds * 1000 };
}
