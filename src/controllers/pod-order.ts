import type { Pod } from "#api/gen/core-v1.ts";
import { getCondition, isPodReady } from "#api/pod.ts";
import { millis } from "./time.ts";

const phases: Readonly<Record<string, number>> = { Pending: 0, Unknown: 1, Running: 2 };
const cost = ({ metadata }: Pod): number => Number(metadata.annotations?.["controller.kubernetes.io/pod-deletion-cost"] ?? 0) || 0;
const restarts = ({ status }: Pod): number => Math.max(0, ...(status.containerStatuses ?? []).map(({ restartCount }) => restartCount));
const readySince = (pod: Pod): number => (isPodReady(pod) ? millis(getCondition(pod.status.conditions, "Ready")?.lastTransitionTime) : Number.MAX_SAFE_INTEGER);

/**
 * Sorts active pods by how little is lost with them: what does not run yet, or has not run for long, goes first.
 * Upstream: pkg/controller/controller_utils.go ActivePodsWithRanks Less
 * @param related pods of the same owner on each node: where there are many, one is missed less
 */
export const cheapestFirst = (related: (pod: Pod) => number = () => 0) => (a: Pod, b: Pod): number =>
  Number(Boolean(a.spec.nodeName)) - Number(Boolean(b.spec.nodeName))
  || (phases[a.status.phase ?? "Pending"] ?? 0) - (phases[b.status.phase ?? "Pending"] ?? 0)
  || Number(isPodReady(a)) - Number(isPodReady(b))
  || cost(a) - cost(b)
  || related(b) - related(a)
  || readySince(b) - readySince(a)
  || restarts(b) - restarts(a)
  || millis(b.metadata.creationTimestamp) - millis(a.metadata.creationTimestamp)
  || (a.metadata.name < b.metadata.name ? -1 : 1);
