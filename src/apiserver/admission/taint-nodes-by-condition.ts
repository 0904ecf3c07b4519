import type { Node } from "#api/gen/core-v1.ts";
import { concerns, type AdmissionPlugin } from "./plugin.ts";

const key = "node.kubernetes.io/not-ready";

/** No pod is put on a new node before it has said that it is ready. Upstream: plugin/pkg/admission/nodetaint */
export const taintNodesByCondition: AdmissionPlugin = {
  name: "TaintNodesByCondition",
  resources: ["nodes"],
  admit(attributes, object) {
    if (attributes.operation !== "CREATE" || !concerns(attributes, "", "nodes")) return;
    const { spec } = object as Node;
    const taints = spec.taints ?? [];
    if (!taints.some((taint) => taint.key === key && taint.effect === "NoSchedule")) spec.taints = [...taints, { key, effect: "NoSchedule" }];
  },
};
