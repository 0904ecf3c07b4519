import { fits, rejectedForGood, type Plugin } from "../framework.ts";

const rejection = rejectedForGood("node(s) didn't match the requested node name");

/** Upstream: pkg/scheduler/framework/plugins/nodename */
export const nodeName: Plugin = {
  name: "NodeName",
  wakesOn: ["node/added"],
  filter: ({ pod }, node) => (pod.spec.nodeName === undefined || pod.spec.nodeName === "" || pod.spec.nodeName === node.name ? fits : rejection),
};
