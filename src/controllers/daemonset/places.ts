/** Each node with the pods that a DaemonSet has there. Pure. Upstream: pkg/controller/daemon/daemon_controller.go NodeShouldRunDaemonPod, getNodesToDaemonPods */
import type { DaemonSet } from "#api/gen/apps-v1.ts";
import type { Node, Pod } from "#api/gen/core-v1.ts";
import { requiredNodesMatch } from "#api/node-selector.ts";
import { isLeaving, isTerminal } from "#api/pod.ts";
import { untoleratedTaint } from "#api/taints.ts";
import { millis } from "../time.ts";
import { targetNode, tolerationsOf } from "./template.ts";

export interface Place {
  readonly node: string;
  /** `run`: a pod should be there. `stay`: one that is there may stay. `leave`: it may not. */
  readonly rule: "run" | "stay" | "leave";
  /** Those on a node first, the oldest first; those on their way out among them. */
  readonly pods: readonly Pod[];
}

export interface Places {
  readonly places: readonly Place[];
  /** Pods without a node that wait for one that is gone. */
  readonly lost: readonly Pod[];
}

/** What the node's name, labels and taints say. */
export function ruleFor({ spec: { template } }: DaemonSet, { metadata: { name, labels = {} }, spec: { taints } }: Node): Place["rule"] {
  const spec = template.spec ?? { containers: [] };
  if ((spec.nodeName && spec.nodeName !== name) || !requiredNodesMatch(spec, { name, labels })) return "leave";
  const tolerations = tolerationsOf(spec);
  if (untoleratedTaint(taints, tolerations) === undefined) return "run";
  return untoleratedTaint(taints, tolerations, ["NoExecute"]) === undefined ? "stay" : "leave";
}

export function placesOf(set: DaemonSet, nodes: readonly Node[], pods: readonly Pod[]): Places {
  const byNode = Map.groupBy(pods.filter((pod) => !(isTerminal(pod) && isLeaving(pod))), targetNode);
  const names = new Set(nodes.map(({ metadata }) => metadata.name));
  const sorted = nodes.toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  return {
    places: sorted.map((node) => ({ node: node.metadata.name, rule: ruleFor(set, node), pods: (byNode.get(node.metadata.name) ?? []).toSorted(oldestFirst) })),
    lost: [...byNode].filter(([node]) => node !== undefined && !names.has(node)).flatMap(([, there]) => there).filter((pod) => !pod.spec.nodeName && !isLeaving(pod)),
  };
}

/** Upstream: podByCreationTimestampAndPhase */
const oldestFirst = (a: Pod, b: Pod): number =>
  Number(!a.spec.nodeName) - Number(!b.spec.nodeName) || millis(a.metadata.creationTimestamp) - millis(b.metadata.creationTimestamp) || (a.metadata.name < b.metadata.name ? -1 : 1);
