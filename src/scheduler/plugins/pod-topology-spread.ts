import { fits, maxNodeScore, rejected, rejectedForGood, skip, type Cluster, type Plugin } from "../framework.ts";
import type { NodeInfo } from "../node-info.ts";
import type { PodInfo } from "../pod-info.ts";
import { includesNode, spreadConstraintsOf, type SpreadConstraint } from "../spread-constraints.ts";
import { scoreSpread, type DefaultSelector, type SpreadScores } from "./pod-topology-spread-score.ts";

const unbalanced = rejected("node(s) didn't match pod topology spread constraints");
const unlabelled = rejectedForGood("node(s) didn't match pod topology spread constraints (missing required label)");

/** Matching pods by topology value, for one constraint. */
interface Domains { readonly constraint: SpreadConstraint; readonly counts: Map<string, number>; /** Cached; undefined after a change. */ least: number | undefined }

/** Upstream: pkg/scheduler/framework/plugins/podtopologyspread */
export function podTopologySpread(defaultSelector: DefaultSelector): Plugin<readonly Domains[], SpreadScores> {
  return {
    name: "PodTopologySpread",
    wakesOn: ["pod/assigned", "pod/labels", "pod/gone", "node/added", "node/labels", "node/taints"],
    preFilter(pod, cluster) {
      const constraints = spreadConstraintsOf(pod, "DoNotSchedule");
      return constraints.length === 0 ? skip : { state: domainsOf(pod, constraints, cluster) };
    },
    filter(pod, node, domains) {
      for (const domain of domains) {
        const { constraint, counts } = domain;
        const value = node.labels[constraint.topologyKey];
        if (value === undefined) return unlabelled;
        const own = constraint.selector.matches(pod.labels) ? 1 : 0;
        if ((counts.get(value) ?? 0) + own - leastOf(domain) > constraint.maxSkew) return unbalanced;
      }
      return fits;
    },
    clone: (domains) => domains.map(({ constraint, counts, least }) => ({ constraint, counts: new Map(counts), least })),
    addPod: (domains, pod, other, node) => change(domains, pod, other, node, 1),
    removePod: (domains, pod, other, node) => change(domains, pod, other, node, -1),
    weight: 2,
    preScore: (pod, nodes, cluster) => scoreSpread(pod, nodes, cluster, defaultSelector) ?? skip,
    score: (_pod, node, scores) => scores.of(node),
    normalize(scores, nodes, state) {
      let least = Infinity;
      let most = 0;
      nodes.forEach((node, i) => {
        if (state.ignores(node)) return;
        least = Math.min(least, scores[i] ?? 0);
        most = Math.max(most, scores[i] ?? 0);
      });
      nodes.forEach((node, i) => {
        if (state.ignores(node)) scores[i] = 0;
        else scores[i] = most === 0 ? maxNodeScore : Math.trunc((maxNodeScore * (most + least - (scores[i] ?? 0))) / most);
      });
    },
  };
}

function domainsOf(pod: PodInfo, constraints: readonly SpreadConstraint[], cluster: Cluster): readonly Domains[] {
  const domains = constraints.map((constraint) => ({ constraint, counts: new Map<string, number>(), least: undefined, matching: cluster.matching(pod.namespace, constraint.selector) }));
  for (const node of cluster.nodes) {
    if (!hasAllKeys(node, constraints)) continue;
    for (const { constraint, counts, matching } of domains) {
      if (!includesNode(constraint, pod, node)) continue;
      const value = node.labels[constraint.topologyKey] ?? "";
      counts.set(value, (counts.get(value) ?? 0) + (matching.get(node.name) ?? 0));
    }
  }
  return domains;
}

/** The smallest domain; nothing while there are fewer domains than wanted. */
function leastOf(domain: Domains): number {
  if (domain.least === undefined) {
    let least = Infinity;
    for (const count of domain.counts.values()) least = Math.min(least, count);
    domain.least = domain.counts.size < domain.constraint.minDomains ? 0 : least;
  }
  return domain.least;
}

function change(domains: readonly Domains[], pod: PodInfo, other: PodInfo, node: NodeInfo, by: 1 | -1): void {
  if (other.namespace !== pod.namespace || !hasAllKeys(node, domains.map((d) => d.constraint))) return;
  for (const domain of domains) {
    const { constraint, counts } = domain;
    if (!constraint.selector.matches(other.labels) || !includesNode(constraint, pod, node)) continue;
    const value = node.labels[constraint.topologyKey] ?? "";
    counts.set(value, (counts.get(value) ?? 0) + by);
    domain.least = undefined;
  }
}

const hasAllKeys = (node: NodeInfo, constraints: readonly SpreadConstraint[]): boolean => constraints.every((c) => node.labels[c.topologyKey] !== undefined);
