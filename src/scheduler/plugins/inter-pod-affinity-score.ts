import { termMatches, type AffinityTerm, type WeightedTerm } from "../affinity-terms.ts";
import type { Cluster, NamespaceLabels } from "../framework.ts";
import type { NodeInfo } from "../node-info.ts";
import type { PodInfo } from "../pod-info.ts";
import { TopologyCounts } from "../topology-counts.ts";

/** What an existing pod's required affinity counts for a pod that it speaks of. Upstream: DefaultHardPodAffinitySymmetricWeight */
const hardAffinityWeight = 1;

export interface TopologyScores { of(node: NodeInfo): number }

/** Weighs preferences in both directions: of the pod for others, and of others for it. Undefined when nobody has any. */
export function scoreNodes(pod: PodInfo, cluster: Cluster, namespaceLabels: NamespaceLabels): TopologyScores | undefined {
  const scores = new TopologyCounts();
  const weigh = (terms: readonly WeightedTerm[], target: PodInfo, node: NodeInfo, sign: 1 | -1): void => {
    for (const { term, weight } of terms) if (termMatches(term, target, namespaceLabels)) scores.add(term.topologyKey, node, sign * weight);
  };
  const { preferredAffinity, preferredAntiAffinity } = pod.terms;
  const prefers = preferredAffinity.length > 0 || preferredAntiAffinity.length > 0;
  for (const node of prefers ? cluster.nodes : cluster.nodesWithAffinity) {
    for (const other of prefers ? node.pods.values() : node.podsWithAffinity) {
      weigh(preferredAffinity, other, node, 1);
      weigh(preferredAntiAffinity, other, node, -1);
      weigh(other.terms.requiredAffinity.map(hard), pod, node, 1);
      weigh(other.terms.preferredAffinity, pod, node, 1);
      weigh(other.terms.preferredAntiAffinity, pod, node, -1);
    }
  }
  return scores.empty ? undefined : { of: (node) => scores.sumAt(node) };
}

const hard = (term: AffinityTerm): WeightedTerm => ({ term, weight: hardAffinityWeight });
