import { fits, maxNodeScore, type Plugin, type Rejection, type Verdict } from "../framework.ts";
import type { NodeInfo } from "../node-info.ts";
import type { PodInfo } from "../pod-info.ts";

/** Whether devices of some class stand for a resource, by its name. */
export type StoodFor = (resource: string) => boolean;

/**
 * Whether the node has room, and a preference for the emptier one. What a node does not have itself may be devices: of
 * these DynamicResources decides. Upstream: pkg/scheduler/framework/plugins/noderesources fit.go, least_allocated.go
 */
export const nodeResourcesFit = (isStoodFor: StoodFor): Plugin => ({
  name: "NodeResourcesFit",
  wakesOn: ["pod/gone", "pod/scaled-down", "node/added", "node/allocatable", "device-class/changed"],
  filter: (pod, node) => verdictOf(pod, node, isStoodFor),
  weight: 1,
  score(pod, { allocatable, nonZeroRequested }) {
    const cpu = freeShare(allocatable.milliCpu, nonZeroRequested.milliCpu + pod.nonZeroRequests.milliCpu);
    const memory = freeShare(allocatable.memory, nonZeroRequested.memory + pod.nonZeroRequests.memory);
    const known = [cpu, memory].filter((share) => share !== undefined);
    return known.length === 0 ? 0 : Math.trunc(known.reduce((a, b) => a + b, 0) / known.length);
  },
});

function verdictOf(pod: PodInfo, node: NodeInfo, isStoodFor: StoodFor): Verdict {
  const { requests } = pod;
  const { allocatable, requested } = node;
  let found: Shortage[] | undefined;
  const check = (reason: string, wanted: number, used: number, capacity: number): void => {
    if (wanted > 0 && wanted > capacity - used) (found ??= []).push({ reason, evenIfEmpty: wanted > capacity });
  };
  if (node.pods.size + 1 > allocatable.pods) (found ??= []).push({ reason: "Too many pods", evenIfEmpty: allocatable.pods === 0 });
  check("Insufficient cpu", requests.milliCpu, requested.milliCpu, allocatable.milliCpu);
  check("Insufficient memory", requests.memory, requested.memory, allocatable.memory);
  check("Insufficient ephemeral-storage", requests.ephemeralStorage, requested.ephemeralStorage, allocatable.ephemeralStorage);
  if (requests.scalars.size > 0) {
    for (const [name, wanted] of requests.scalars) {
      const capacity = allocatable.scalars.get(name) ?? 0;
      if (capacity > 0 || !isStoodFor(name)) check(`Insufficient ${name}`, wanted, requested.scalars.get(name) ?? 0, capacity);
    }
  }
  return found === undefined ? fits : rejectionOf(found);
}

interface Shortage { readonly reason: string; readonly evenIfEmpty: boolean }

/** No preemption helps where even an empty node were too small. */
const rejectionOf = (shortages: readonly Shortage[]): Rejection => ({ reasons: shortages.map((s) => s.reason), resolvable: !shortages.some((s) => s.evenIfEmpty) });

function freeShare(capacity: number, requested: number): number | undefined {
  if (capacity === 0) return undefined;
  return requested > capacity ? 0 : Math.trunc(((capacity - requested) * maxNodeScore) / capacity);
}
