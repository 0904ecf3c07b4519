import type { Pod, Toleration } from "#api/gen/core-v1.ts";
import { concerns, type AdmissionPlugin } from "./plugin.ts";

const seconds = 300;
const keys = ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"];

const tolerates = ({ key, effect }: Toleration, taint: string): boolean => (!key || key === taint) && (!effect || effect === "NoExecute");

/** A pod stays five minutes on a node that has fallen silent. Upstream: plugin/pkg/admission/defaulttolerationseconds */
export const defaultTolerationSeconds: AdmissionPlugin = {
  name: "DefaultTolerationSeconds",
  resources: ["pods"],
  admit(attributes, object) {
    if ((attributes.operation !== "CREATE" && attributes.operation !== "UPDATE") || !concerns(attributes, "", "pods")) return;
    const { spec } = object as Pod;
    for (const key of keys) {
      const tolerations = spec.tolerations ?? [];
      if (!tolerations.some((t) => tolerates(t, key))) spec.tolerations = [...tolerations, { key, operator: "Exists", effect: "NoExecute", tolerationSeconds: seconds }];
    }
  },
};
