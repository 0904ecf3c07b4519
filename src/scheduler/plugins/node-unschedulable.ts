import { tolerated } from "#api/taints.ts";
import type { Taint } from "#api/gen/core-v1.ts";
import { fits, rejectedForGood, type Plugin } from "../framework.ts";

const cordoned: Taint = { key: "node.kubernetes.io/unschedulable", effect: "NoSchedule" };
const rejection = rejectedForGood("node(s) were unschedulable");

/** Upstream: pkg/scheduler/framework/plugins/nodeunschedulable */
export const nodeUnschedulable: Plugin = {
  name: "NodeUnschedulable",
  wakesOn: ["node/added", "node/unschedulable", "node/taints"],
  filter: ({ pod }, { node }) => (node.spec.unschedulable !== true || tolerated(cordoned, pod.spec.tolerations) ? fits : rejection),
};
