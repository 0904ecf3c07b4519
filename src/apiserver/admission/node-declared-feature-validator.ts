import type { Pod } from "#api/gen/core-v1.ts";
import { lacking, neededFor } from "#api/declared-features.ts";
import { nodes } from "#api/resources.ts";
import { concerns, refused, type AdmissionPlugin } from "./plugin.ts";

/** A pod is not changed in a way that its node does not know. Upstream: plugin/pkg/admission/nodedeclaredfeatures */
export const nodeDeclaredFeatureValidator: AdmissionPlugin = {
  name: "NodeDeclaredFeatureValidator",
  resources: ["pods"],
  async validate(attributes, object) {
    if (attributes.operation !== "UPDATE" || !(concerns(attributes, "", "pods") || concerns(attributes, "", "pods", "resize"))) return;
    const [next, old] = [object as Pod, attributes.oldObject as Pod];
    const { nodeName = "" } = next.spec;
    const needed = nodeName === "" ? [] : neededFor(next.spec, old.spec);
    if (needed.length === 0) return;
    const node = await attributes.reader.get(nodes, nodeName);
    if (node === undefined) throw refused(attributes, `node "${nodeName}" not found`);
    const missing = lacking(node, needed);
    if (missing.length > 0) throw refused(attributes, `pod update requires features ${missing.join(", ")} which are not available on node "${nodeName}"`);
  },
};
