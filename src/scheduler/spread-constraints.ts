import type { TopologySpreadConstraint } from "#api/gen/core-v1.ts";
import { untoleratedTaint } from "#api/taints.ts";
import { labelSelectorOf, type LabelSelector } from "#apimachinery/selectors.ts";
import type { NodeInfo } from "./node-info.ts";
import { requiredNodesMatch } from "#api/node-selector.ts";
import type { PodInfo } from "./pod-info.ts";

export interface SpreadConstraint {
  readonly maxSkew: number;
  readonly topologyKey: string;
  readonly selector: LabelSelector;
  readonly minDomains: number;
  readonly nodeAffinityPolicy: "Honor" | "Ignore";
  readonly nodeTaintsPolicy: "Honor" | "Ignore";
}

/** The pod's constraints of one kind, read, with upstream's defaults. */
export function spreadConstraintsOf({ pod, labels }: PodInfo, when: TopologySpreadConstraint["whenUnsatisfiable"]): readonly SpreadConstraint[] {
  return (pod.spec.topologySpreadConstraints ?? []).filter((c) => c.whenUnsatisfiable === when).map((c) => ({
    maxSkew: c.maxSkew,
    topologyKey: c.topologyKey,
    selector: selectorOf(c, labels),
    minDomains: c.minDomains ?? 1,
    nodeAffinityPolicy: c.nodeAffinityPolicy ?? "Honor",
    nodeTaintsPolicy: c.nodeTaintsPolicy ?? "Ignore",
  }));
}

/** The API server folds `matchLabelKeys` into the selector; doing it twice changes nothing. */
function selectorOf({ labelSelector, matchLabelKeys = [] }: TopologySpreadConstraint, labels: PodInfo["labels"]): LabelSelector {
  const own = matchLabelKeys.flatMap((key) => (labels[key] === undefined ? [] : [[key, labels[key]] as const]));
  if (own.length === 0) return labelSelectorOf(labelSelector);
  return labelSelectorOf({ ...labelSelector, matchLabels: { ...labelSelector?.matchLabels, ...Object.fromEntries(own) } });
}

/** Whether the pods of a node count for the constraint. */
export function includesNode(constraint: SpreadConstraint, { pod }: PodInfo, node: NodeInfo): boolean {
  if (constraint.nodeAffinityPolicy === "Honor" && !requiredNodesMatch(pod.spec, node)) return false;
  return constraint.nodeTaintsPolicy === "Ignore" || untoleratedTaint(node.node.spec.taints, pod.spec.tolerations) === undefined;
}

/** Pods that are leaving do not count. */
export function matchingPods(node: NodeInfo, namespace: string, selector: LabelSelector): number {
  let count = 0;
  for (const pod of node.podsIn(namespace)) if (!pod.isLeaving && selector.matches(pod.labels)) count++;
  return count;
}
