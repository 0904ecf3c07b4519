import type { LabelSelector } from "#apimachinery/selectors.ts";
import { zoneLabel } from "#api/node.ts";
import type { Cluster } from "../framework.ts";
import type { NodeInfo } from "../node-info.ts";
import { hostnameLabel } from "../node-order.ts";
import type { PodInfo } from "../pod-info.ts";
import { includesNode, spreadConstraintsOf, type SpreadConstraint } from "../spread-constraints.ts";

/** The selector of the Services and controllers that a pod belongs to; undefined when it belongs to none. */
export type DefaultSelector = (pod: PodInfo) => LabelSelector | undefined;

export interface SpreadScores {
  of(node: NodeInfo): number;
  /** Lacks a label that the constraints are about. */
  ignores(node: NodeInfo): boolean;
}

/** What holds for pods that say nothing. Upstream: pkg/scheduler/framework/plugins/podtopologyspread/plugin.go systemDefaultConstraints */
const systemDefaults: readonly Pick<SpreadConstraint, "topologyKey" | "maxSkew">[] = [{ topologyKey: hostnameLabel, maxSkew: 3 }, { topologyKey: zoneLabel, maxSkew: 5 }];

interface Scored {
  readonly constraint: SpreadConstraint;
  /** Matching pods by node, and by what nodes have for the topology key. */
  readonly matching: ReadonlyMap<string, number>;
  readonly counts: Map<string, number>;
  readonly weight: number;
}

/** How many matching pods are where, weighed so that few large domains count as much as many small ones. Undefined when there is nothing to spread. */
export function scoreSpread(pod: PodInfo, nodes: readonly NodeInfo[], cluster: Cluster, defaultSelector: DefaultSelector): SpreadScores | undefined {
  const stated = (pod.pod.spec.topologySpreadConstraints ?? []).length > 0;
  const constraints = stated ? spreadConstraintsOf(pod, "ScheduleAnyway") : defaultsFor(pod, defaultSelector);
  if (constraints.length === 0) return undefined;
  const complete = (node: NodeInfo): boolean => !stated || constraints.every((c) => node.labels[c.topologyKey] !== undefined);
  const scored = nodes.filter(complete);
  const all = constraints.map((constraint) => domainsOf(constraint, scored, cluster.matching(pod.namespace, constraint.selector)));
  for (const one of all) {
    for (const [name, count] of one.matching) {
      const node = cluster.node(name);
      if (node !== undefined && complete(node)) countOn(one, pod, node, count);
    }
  }
  return {
    ignores: (node) => !complete(node),
    of: (node) => (complete(node) ? Math.round(all.reduce((sum, one) => sum + scoreOf(one, node), 0)) : 0),
  };
}

function defaultsFor(pod: PodInfo, defaultSelector: DefaultSelector): readonly SpreadConstraint[] {
  const selector = defaultSelector(pod);
  return selector === undefined ? [] : systemDefaults.map((d) => ({ ...d, selector, minDomains: 1, nodeAffinityPolicy: "Honor", nodeTaintsPolicy: "Ignore" }));
}

function domainsOf(constraint: SpreadConstraint, nodes: readonly NodeInfo[], matching: ReadonlyMap<string, number>): Scored {
  const byHost = constraint.topologyKey === hostnameLabel;
  const counts = new Map<string, number>();
  if (!byHost) for (const { labels } of nodes) counts.set(labels[constraint.topologyKey] ?? "", 0);
  return { constraint, matching, counts, weight: Math.log((byHost ? nodes.length : counts.size) + 2) };
}

/** Pods on a host are counted when it is scored. */
function countOn({ constraint, counts }: Scored, pod: PodInfo, node: NodeInfo, matching: number): void {
  const value = node.labels[constraint.topologyKey] ?? "";
  const count = counts.get(value);
  if (count !== undefined && includesNode(constraint, pod, node)) counts.set(value, count + matching);
}

function scoreOf({ constraint, matching, counts, weight }: Scored, node: NodeInfo): number {
  const value = node.labels[constraint.topologyKey];
  if (value === undefined) return 0;
  const count = constraint.topologyKey === hostnameLabel ? (matching.get(node.name) ?? 0) : (counts.get(value) ?? 0);
  return count * weight + (constraint.maxSkew - 1);
}
