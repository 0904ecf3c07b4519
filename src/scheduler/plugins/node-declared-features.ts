import { lacking, neededBy } from "#api/declared-features.ts";
import { fits, rejectedForGood, skip, type Plugin } from "../framework.ts";

const rejection = rejectedForGood("node(s) didn't match Pod's required features");

/** Upstream: pkg/scheduler/framework/plugins/nodedeclaredfeatures */
export const nodeDeclaredFeatures: Plugin<readonly string[]> = {
  name: "NodeDeclaredFeatures",
  wakesOn: ["node/added", "node/declared-features"],
  preFilter({ pod }) {
    const needed = neededBy(pod.spec);
    return needed.length === 0 ? skip : { state: needed };
  },
  filter: (_, { node }, needed) => (lacking(node, needed).length === 0 ? fits : rejection),
};
