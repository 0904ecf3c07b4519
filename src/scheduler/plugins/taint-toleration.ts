import { tolerated, untoleratedTaint } from "#api/taints.ts";
import { fits, rejectedForGood, skip, type Plugin } from "../framework.ts";

const rejection = rejectedForGood("node(s) had untolerated taint(s)");

/** Upstream: pkg/scheduler/framework/plugins/tainttoleration */
export const taintToleration: Plugin = {
  name: "TaintToleration",
  wakesOn: ["node/added", "node/taints"],
  filter: ({ pod }, { node }) => (untoleratedTaint(node.spec.taints, pod.spec.tolerations) === undefined ? fits : rejection),
  weight: 3,
  best: "lowest",
  preScore: (_pod, nodes) => (nodes.some(({ node }) => node.spec.taints?.some((t) => t.effect === "PreferNoSchedule")) ? undefined : skip),
  score: ({ pod }, { node }) => (node.spec.taints ?? []).filter((t) => t.effect === "PreferNoSchedule" && !tolerated(t, pod.spec.tolerations)).length,
};
