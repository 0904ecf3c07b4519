import { matchesAll, termMatches } from "../affinity-terms.ts";
import { fits, maxNodeScore, rejected, rejectedForGood, skip, type Cluster, type NamespaceLabels, type Plugin } from "../framework.ts";
import type { NodeInfo } from "../node-info.ts";
import type { PodInfo } from "../pod-info.ts";
import { scoreNodes, type TopologyScores } from "./inter-pod-affinity-score.ts";
import { TopologyCounts } from "../topology-counts.ts";

const existing = rejected("node(s) didn't satisfy existing pods anti-affinity rules");
const affinity = rejectedForGood("node(s) didn't match pod affinity rules");
const antiAffinity = rejected("node(s) didn't match pod anti-affinity rules");

interface Counts {
  /** Where pods are whose anti-affinity speaks of this pod. */
  readonly existingAntiAffinity: TopologyCounts;
  /** Where pods are that all terms of this pod's affinity speak of. */
  readonly affinity: TopologyCounts;
  /** Where pods are that some term of this pod's anti-affinity speaks of. */
  readonly antiAffinity: TopologyCounts;
}

/** Upstream: pkg/scheduler/framework/plugins/interpodaffinity */
export function interPodAffinity(namespaceLabels: NamespaceLabels): Plugin<Counts, TopologyScores> {
  const count = (counts: Counts, pod: PodInfo, other: PodInfo, node: NodeInfo, by: 1 | -1): void => {
    for (const term of other.terms.requiredAntiAffinity) if (termMatches(term, pod, namespaceLabels)) counts.existingAntiAffinity.add(term.topologyKey, node, by);
    if (matchesAll(pod.terms.requiredAffinity, other, namespaceLabels)) for (const term of pod.terms.requiredAffinity) counts.affinity.add(term.topologyKey, node, by);
    for (const term of pod.terms.requiredAntiAffinity) if (termMatches(term, other, namespaceLabels)) counts.antiAffinity.add(term.topologyKey, node, by);
  };

  return {
    name: "InterPodAffinity",
    wakesOn: ["pod/assigned", "pod/labels", "pod/gone", "node/added", "node/labels", "namespace/labels"],
    preFilter(pod, cluster) {
      const counts: Counts = { existingAntiAffinity: new TopologyCounts(), affinity: new TopologyCounts(), antiAffinity: new TopologyCounts() };
      const asks = pod.terms.requiredAffinity.length > 0 || pod.terms.requiredAntiAffinity.length > 0;
      for (const node of asks ? cluster.nodes : cluster.nodesWithRequiredAntiAffinity) {
        for (const other of asks ? node.pods.values() : node.podsWithRequiredAntiAffinity) count(counts, pod, other, node, 1);
      }
      return asks || !counts.existingAntiAffinity.empty ? { state: counts } : skip;
    },
    filter(pod, node, counts) {
      if (!affinityHolds(pod, node, counts.affinity, namespaceLabels)) return affinity;
      if (pod.terms.requiredAntiAffinity.some((term) => counts.antiAffinity.at(term.topologyKey, node) > 0)) return antiAffinity;
      return counts.existingAntiAffinity.anyAt(node) ? existing : fits;
    },
    clone: (counts) => ({ existingAntiAffinity: counts.existingAntiAffinity.copy(), affinity: counts.affinity.copy(), antiAffinity: counts.antiAffinity.copy() }),
    addPod: (counts, pod, other, node) => count(counts, pod, other, node, 1),
    removePod: (counts, pod, other, node) => count(counts, pod, other, node, -1),
    weight: 2,
    preScore: (pod: PodInfo, _nodes: readonly NodeInfo[], cluster: Cluster) => scoreNodes(pod, cluster, namespaceLabels) ?? skip,
    score: (_pod, node, scores) => scores.of(node),
    normalize(scores) {
      const most = Math.max(0, ...scores);
      const least = Math.min(0, ...scores);
      for (let i = 0; i < scores.length; i++) scores[i] = most === least ? 0 : Math.trunc((maxNodeScore * ((scores[i] ?? 0) - least)) / (most - least));
    },
  };
}

/** Also true for the first of a group of pods that want to be together: nobody is there yet, and it matches itself. */
function affinityHolds(pod: PodInfo, node: NodeInfo, counts: TopologyCounts, namespaceLabels: NamespaceLabels): boolean {
  const terms = pod.terms.requiredAffinity;
  if (terms.some((term) => !Object.hasOwn(node.labels, term.topologyKey))) return false;
  if (terms.every((term) => counts.at(term.topologyKey, node) > 0)) return true;
  return counts.empty && matchesAll(terms, pod, namespaceLabels);
}
