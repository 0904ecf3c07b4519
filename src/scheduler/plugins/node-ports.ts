import { fits, rejected, skip, type Plugin } from "../framework.ts";

const rejection = rejected("node(s) didn't have free ports for the requested pod ports");

/** Upstream: pkg/scheduler/framework/plugins/nodeports */
export const nodePorts: Plugin = {
  name: "NodePorts",
  wakesOn: ["pod/gone", "node/added"],
  preFilter: (pod) => (pod.hostPorts.length === 0 ? skip : { state: undefined }),
  filter: (pod, node) => (pod.hostPorts.some((port) => node.ports.conflicts(port)) ? rejection : fits),
};
