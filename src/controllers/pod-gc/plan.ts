import type { Node, Pod } from "#api/gen/core-v1.ts";
import { isNodeReady } from "#api/node.ts";
import { isTerminal } from "#api/pod.ts";
import { millis } from "../time.ts";

/** Why a pod goes. `fail` first makes its phase Failed, so that its owner sees an end. */
export interface Removal { readonly pod: Pod; readonly why: "orphaned" | "out-of-service" | "terminated" | "unscheduled"; readonly fail: boolean }

const outOfService = "node.kubernetes.io/out-of-service";
/** An administrator says that nothing runs there any more. Upstream: gcTerminating */
const isOutOfService = (node: Node): boolean => !isNodeReady(node) && node.spec.taints?.some(({ key }) => key === outOfService) === true;

/**
 * Pods that nobody will remove: those of nodes that are gone, those that were deleted before they had a node or on one
 * that is out of service, and the oldest of too many that have ended (none where `threshold` is 0). Upstream: pkg/controller/podgc/gc_controller.go
 * @param goneSince when a node's absence was first seen, in ms; a node gets `quarantineMs` to come back
 */
export function plan(pods: readonly Pod[], nodes: ReadonlyMap<string, Node>, goneSince: ReadonlyMap<string, number>, options: { readonly now: number; readonly quarantineMs: number; readonly threshold: number }): Removal[] {
  const orphaned = pods.filter(({ spec }) => {
    const since = spec.nodeName && !nodes.has(spec.nodeName) ? goneSince.get(spec.nodeName) : undefined;
    return since !== undefined && options.now - since >= options.quarantineMs;
  });
  const unscheduled = pods.filter(({ spec, metadata }) => !spec.nodeName && metadata.deletionTimestamp !== undefined);
  const stranded = pods.filter(({ spec, metadata }) => {
    const node = nodes.get(spec.nodeName ?? "");
    return node !== undefined && metadata.deletionTimestamp !== undefined && isOutOfService(node);
  });
  const ended = pods.filter((pod) => isTerminal(pod) && pod.metadata.deletionTimestamp === undefined && !orphaned.includes(pod))
    .toSorted((a, b) => millis(a.metadata.creationTimestamp) - millis(b.metadata.creationTimestamp));
  const excess = options.threshold > 0 ? ended.slice(0, Math.max(0, ended.length - options.threshold)) : [];
  return [
    ...orphaned.map((pod): Removal => ({ pod, why: "orphaned", fail: !isTerminal(pod) })),
    ...unscheduled.map((pod): Removal => ({ pod, why: "unscheduled", fail: !isTerminal(pod) })),
    ...stranded.map((pod): Removal => ({ pod, why: "out-of-service", fail: !isTerminal(pod) })),
    ...excess.map((pod): Removal => ({ pod, why: "terminated", fail: false })),
  ];
}
