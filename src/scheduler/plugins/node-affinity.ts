import type { NodeSelector, PreferredSchedulingTerm } from "#api/gen/core-v1.ts";
import { fits, rejectedForGood, skip, type Plugin } from "../framework.ts";
import { requiredNodesMatch, termSelectsNode } from "#api/node-selector.ts";

const rejection = rejectedForGood("node(s) didn't match Pod's node affinity/selector");

/** `nodeSelector` and node affinity, required and preferred. Upstream: pkg/scheduler/framework/plugins/nodeaffinity */
export const nodeAffinity: Plugin<undefined, readonly PreferredSchedulingTerm[]> = {
  name: "NodeAffinity",
  wakesOn: ["node/added", "node/labels"],
  preFilter({ pod }) {
    const required = pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
    if (required === undefined && pod.spec.nodeSelector === undefined) return skip;
    const only = required && namedNodes(required);
    return only === undefined ? { state: undefined } : only.size === 0 ? { rejection: rejectedForGood("pod affinity terms conflict") } : { state: undefined, only };
  },
  filter: ({ pod }, node) => (requiredNodesMatch(pod.spec, node) ? fits : rejection),
  weight: 2,
  best: "highest",
  preScore({ pod }) {
    const preferred = pod.spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
    return preferred.length === 0 ? skip : preferred;
  },
  score: (_pod, node, preferred) => preferred.reduce((sum, { weight, preference }) => (termSelectsNode(preference, node) ? sum + weight : sum), 0),
};

/** The nodes that the terms name, if every term names some: as a DaemonSet's pods do. */
function namedNodes({ nodeSelectorTerms }: NodeSelector): ReadonlySet<string> | undefined {
  if (nodeSelectorTerms.length === 0) return undefined;
  const names = new Set<string>();
  for (const { matchFields = [] } of nodeSelectorTerms) {
    const lists = matchFields.filter((f) => f.key === "metadata.name" && f.operator === "In").map((f) => new Set(f.values));
    const [first, ...others] = lists;
    if (first === undefined) return undefined;
    for (const name of first) if (others.every((list) => list.has(name))) names.add(name);
  }
  return names;
}
