/** Whose resize is looked at first when there is not enough for all. Upstream: pkg/kubelet/allocation sortPendingResizes */
import type { Pod } from "#api/gen/core-v1.ts";
import { podAmount, qosOf } from "./resources.ts";

export interface WaitingResize {
  /** As its spec asks for it. */
  readonly pod: Pod;
  /** As it was given to this node. */
  readonly given: Pod;
  /** Milliseconds since 1970; undefined for one that was not put off yet. */
  readonly since: number | undefined;
}

/** What asks for no more comes first, then priority, then Guaranteed before the others, then what has waited longest. */
export const inResizeOrder = <T extends WaitingResize>(waiting: readonly T[]): T[] => [...waiting].sort((a, b) => rankOf(a).reduce((order, rank, i) => order || rank - (rankOf(b)[i] ?? 0), 0));

const rankOf = ({ pod, given, since }: WaitingResize): number[] => {
  const grows = podAmount(pod, "requests", "memory") > podAmount(given, "requests", "memory") || podAmount(pod, "requests", "cpu") > podAmount(given, "requests", "cpu");
  return [grows ? 1 : 0, -(pod.spec.priority ?? 0), qosOf(pod) === "Guaranteed" ? 0 : 1, since ?? Number.MAX_SAFE_INTEGER];
};
