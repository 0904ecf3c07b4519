import type { Pod } from "#api/gen/core-v1.ts";
import type { RuntimeClass } from "#api/gen/node-v1.ts";
import { runtimeClasses } from "#api/resources.ts";
import { semanticEqual } from "#apimachinery/equal.ts";
import type { AdmissionAttributes } from "./attributes.ts";
import { concerns, refused, type AdmissionPlugin } from "./plugin.ts";

const otherOverhead = "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead";

/** The class must exist; what it costs and where it runs becomes the pod's. Upstream: plugin/pkg/admission/runtimeclass */
export const runtimeClass: AdmissionPlugin = {
  name: "RuntimeClass",
  resources: ["pods"],
  async admit(attributes, object) {
    if (attributes.operation !== "CREATE" || !concerns(attributes, "", "pods")) return;
    const pod = object as Pod;
    const found = await classOf(attributes, pod);
    const overhead = found?.overhead?.podFixed;
    if (overhead !== undefined) {
      if (pod.spec.overhead !== undefined && !semanticEqual(pod.spec.overhead, overhead)) throw refused(attributes, otherOverhead);
      pod.spec.overhead = { ...overhead };
    }
    if (found?.scheduling !== undefined) narrow(attributes, pod, found.scheduling);
  },
  async validate(attributes, object) {
    if (attributes.operation !== "CREATE" || !concerns(attributes, "", "pods")) return;
    const pod = object as Pod;
    const overhead = (await classOf(attributes, pod))?.overhead?.podFixed;
    if (semanticEqual(pod.spec.overhead, overhead)) return;
    throw refused(attributes, overhead === undefined ? "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead" : otherOverhead);
  },
};

async function classOf(attributes: AdmissionAttributes, { spec }: Pod): Promise<RuntimeClass | undefined> {
  if (!spec.runtimeClassName) return undefined;
  const found = await attributes.reader.get(runtimeClasses, spec.runtimeClassName);
  if (found === undefined) throw refused(attributes, `pod rejected: RuntimeClass "${spec.runtimeClassName}" not found`);
  return found;
}

function narrow(attributes: AdmissionAttributes, { spec }: Pod, { nodeSelector = {}, tolerations = [] }: NonNullable<RuntimeClass["scheduling"]>): void {
  for (const [key, value] of Object.entries(nodeSelector)) {
    const own = spec.nodeSelector?.[key];
    if (own !== undefined && own !== value) {
      throw refused(attributes, `conflict: runtimeClass.scheduling.nodeSelector[${key}] = ${value}; pod.spec.nodeSelector[${key}] = ${own}`);
    }
  }
  if (Object.keys(nodeSelector).length > 0) spec.nodeSelector = { ...spec.nodeSelector, ...nodeSelector };
  const added = tolerations.filter((toleration) => !(spec.tolerations ?? []).some((own) => semanticEqual(own, toleration)));
  if (added.length > 0) spec.tolerations = [...(spec.tolerations ?? []), ...added];
}
