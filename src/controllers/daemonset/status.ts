/** What a DaemonSet says of itself. Pure. Upstream: pkg/controller/daemon/daemon_controller.go updateDaemonSetStatus */
import type { DaemonSet, DaemonSetStatus } from "#api/gen/apps-v1.ts";
import { availableInMs, isPodReady } from "#api/pod.ts";
import type { Place } from "./places.ts";
import { isUpdated } from "./template.ts";

/** The status that follows from the pods, and when it must be looked at again because a pod will count as available. */
export function statusOf(set: DaemonSet, hash: string, collisionCount: number, places: readonly Place[], now: number): { readonly status: DaemonSetStatus; readonly againMs: number | undefined } {
  const wanted = places.filter(({ rule }) => rule === "run");
  const oldest = wanted.flatMap(({ pods }) => pods.slice(0, 1));
  const waits = oldest.filter(isPodReady).map((pod) => availableInMs(pod, set.spec.minReadySeconds ?? 0, now) ?? 0);
  const pending = waits.filter((wait) => wait > 0);
  const available = waits.length - pending.length;
  const counts = { updatedNumberScheduled: oldest.filter((pod) => isUpdated(set, hash, pod)).length, numberAvailable: available, numberUnavailable: wanted.length - available };
  return {
    status: {
      currentNumberScheduled: oldest.length, numberMisscheduled: places.filter(({ rule, pods }) => rule !== "run" && pods.length > 0).length,
      desiredNumberScheduled: wanted.length, numberReady: waits.length, observedGeneration: set.metadata.generation ?? 0,
      ...Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0)),
      ...(collisionCount > 0 && { collisionCount }), ...(set.status.conditions && { conditions: set.status.conditions }),
    },
    againMs: pending.length > 0 ? Math.min(...pending) : undefined,
  };
}
