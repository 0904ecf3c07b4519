/** How to get from the Pods that there are to those that there should be. Upstream: pkg/controller/replicaset, pkg/controller/controller_utils.go */
import type { ReplicaSetCondition, ReplicaSetSpec, ReplicaSetStatus } from "#api/gen/apps-v1.ts";
import type { Pod } from "#api/gen/core-v1.ts";
import { availableInMs, isActive, isPodReady, isTerminating } from "#api/pod.ts";
import type { KubeObject } from "#apimachinery/meta.ts";
import { cheapestFirst } from "../pod-order.ts";

export interface Plan {
  readonly create: number;
  /** The cheapest to lose first. */
  readonly remove: readonly Pod[];
}

/** What ReplicaSets and ReplicationControllers have in common. */
export interface Replicated extends KubeObject {
  spec: Pick<ReplicaSetSpec, "replicas" | "minReadySeconds" | "template">;
  status: ReplicaSetStatus;
}

/** @param related pods of the same owner on each node: where there are many, one is missed less */
export function plan(set: Replicated, owned: readonly Pod[], related: (pod: Pod) => number): Plan {
  const active = owned.filter(isActive);
  const missing = (set.spec.replicas ?? 1) - active.length;
  if (missing >= 0) return { create: missing, remove: [] };
  return { create: 0, remove: active.toSorted(cheapestFirst(related)).slice(0, -missing) };
}

/** The status that follows from the pods, and when it must be looked at again because a pod will count as available. */
export function statusOf(set: Replicated, owned: readonly Pod[], failure: ReplicaSetCondition | undefined, now: number, countsTerminating = true): { readonly status: ReplicaSetStatus; readonly againMs: number | undefined } {
  const active = owned.filter(isActive);
  const template = Object.entries(set.spec.template?.metadata?.labels ?? {});
  const waits = active.map((pod) => availableInMs(pod, set.spec.minReadySeconds ?? 0, now));
  const pending = waits.filter((wait) => wait !== undefined && wait > 0) as number[];
  const counts = {
    fullyLabeledReplicas: active.filter(({ metadata }) => template.every(([key, value]) => metadata.labels?.[key] === value)).length,
    readyReplicas: active.filter(isPodReady).length,
    availableReplicas: waits.filter((wait) => wait === 0).length,
  };
  const others = (set.status.conditions ?? []).filter(({ type }) => type !== "ReplicaFailure");
  const conditions = failure === undefined ? others : [...others, failure];
  const terminating = countsTerminating ? owned.filter(isTerminating).length : 0;
  return {
    status: {
      replicas: active.length, ...Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0)),
      ...(terminating > 0 && { terminatingReplicas: terminating }),
      observedGeneration: set.metadata.generation ?? 0, ...(conditions.length > 0 && { conditions }),
    },
    againMs: pending.length > 0 ? Math.min(...pending) : undefined,
  };
}
