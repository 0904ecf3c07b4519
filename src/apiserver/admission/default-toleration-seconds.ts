import type { Pod, Toleration } from "#api/gen/core-v1.ts";
import type { ApiServerSettings } from "../settings.ts";
import { concerns, type AdmissionPlugin } from "./plugin.ts";

const standard = 300;

const tolerates = ({ key, effect }: Toleration, taint: string): boolean => (!key || key === taint) && (!effect || effect === "NoExecute");

/** A pod stays on a node that has fallen silent for a while: five minutes unless the settings say otherwise. Upstream: plugin/pkg/admission/defaulttolerationseconds */
export const defaultTolerationSeconds = ({ notReadySeconds = standard, unreachableSeconds = standard }: Pick<ApiServerSettings, "notReadySeconds" | "unreachableSeconds"> = {}): AdmissionPlugin => ({
  name: "DefaultTolerationSeconds",
  resources: ["pods"],
  admit(attributes, object) {
    if ((attributes.operation !== "CREATE" && attributes.operation !== "UPDATE") || !concerns(attributes, "", "pods")) return;
    const { spec } = object as Pod;
    for (const [key, seconds] of [["node.kubernetes.io/not-ready", notReadySeconds], ["node.kubernetes.io/unreachable", unreachableSeconds]] as const) {
      const tolerations = spec.tolerations ?? [];
      if (!tolerations.some((t) => tolerates(t, key))) spec.tolerations = [...tolerations, { key, operator: "Exists", effect: "NoExecute", tolerationSeconds: seconds }];
    }
  },
});
