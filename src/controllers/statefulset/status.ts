/** What a StatefulSet says of itself. Pure. Upstream: pkg/controller/statefulset computeReplicaStatus, completeRollingUpdate */
import type { StatefulSet, StatefulSetStatus } from "#api/gen/apps-v1.ts";
import type { Pod } from "#api/gen/core-v1.ts";
import { availableInMs, isPodReady } from "#api/pod.ts";
import { replicasOf, revisionOf, type Revisions } from "./identity.ts";

/** The status that follows from the pods, and when it must be looked at again because a pod will count as available. */
export function statusOf(set: StatefulSet, { current, update }: Revisions, collisionCount: number, pods: readonly Pod[], now: number): { readonly status: StatefulSetStatus; readonly againMs: number | undefined } {
  const serving = pods.filter((pod) => pod.status.phase === "Running" && isPodReady(pod));
  const waits = serving.map((pod) => availableInMs(pod, set.spec.minReadySeconds ?? 0, now) ?? 0);
  const staying = pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  const at = (revision: string): number => staying.filter((pod) => revisionOf(pod) === revision).length;
  const counts = { replicas: pods.length, ready: serving.length, current: at(current.metadata.name), updated: at(update.metadata.name) };
  const isRolledOut = set.spec.updateStrategy?.type !== "OnDelete" && [counts.updated, counts.ready, counts.replicas].every((count) => count === replicasOf(set));
  const currentReplicas = isRolledOut ? counts.updated : counts.current;
  const pending = waits.filter((wait) => wait > 0);
  return {
    status: {
      observedGeneration: set.metadata.generation ?? 0, replicas: counts.replicas, availableReplicas: waits.length - pending.length,
      ...(counts.ready > 0 && { readyReplicas: counts.ready }), ...(currentReplicas > 0 && { currentReplicas }), ...(counts.updated > 0 && { updatedReplicas: counts.updated }),
      currentRevision: (isRolledOut ? update : current).metadata.name, updateRevision: update.metadata.name, collisionCount,
      ...(set.status.conditions && { conditions: set.status.conditions }),
    },
    againMs: pending.length > 0 ? Math.min(...pending) : undefined,
  };
}
