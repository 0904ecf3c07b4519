import type { Pod, PodCondition } from "#api/gen/core-v1.ts";
import { millis } from "./time.ts";

export const isFinished = ({ status }: Pod): boolean => status.phase === "Succeeded" || status.phase === "Failed";
/** Counts as one of a set's replicas. Upstream: pkg/controller IsPodActive */
export const isActive = (pod: Pod): boolean => !isFinished(pod) && pod.metadata.deletionTimestamp === undefined;
/** On its way out, its containers perhaps still running. Upstream: pkg/controller IsPodTerminating */
export const isTerminating = (pod: Pod): boolean => !isFinished(pod) && pod.metadata.deletionTimestamp !== undefined;

export const podCondition = ({ status }: Pod, type: string): PodCondition | undefined => status.conditions?.find((c) => c.type === type);
export const isReady = (pod: Pod): boolean => podCondition(pod, "Ready")?.status === "True";

/**
 * Milliseconds until a ready Pod counts as available: 0 when it does, undefined when it is not ready.
 * @param now milliseconds since the epoch
 */
export function availableInMs(pod: Pod, minReadySeconds: number, now: number): number | undefined {
  const ready = podCondition(pod, "Ready");
  if (ready?.status !== "True") return undefined;
  if (minReadySeconds === 0) return 0;
  return ready.lastTransitionTime === undefined ? undefined : Math.max(0, millis(ready.lastTransitionTime) + minReadySeconds * 1000 - now);
}

/** The conditions with this one in place of its type's. The transition time stays while the status does. */
export function withPodCondition(pod: Pod, condition: PodCondition): PodCondition[] {
  const old = podCondition(pod, condition.type);
  const kept = old?.status === condition.status && old.lastTransitionTime !== undefined ? { ...condition, lastTransitionTime: old.lastTransitionTime } : condition;
  const others = pod.status.conditions ?? [];
  return old === undefined ? [...others, kept] : others.map((c) => (c.type === condition.type ? kept : c));
}
