import type { Pod } from "#api/gen/core-v1.ts";
import type { PriorityClass } from "#api/gen/scheduling-v1.ts";
import { priorityClasses } from "#api/resources.ts";
import type { AdmissionAttributes } from "./attributes.ts";
import { concerns, refused, type AdmissionPlugin } from "./plugin.ts";

/** The class's number becomes the pod's. Upstream: plugin/pkg/admission/priority */
export const priority: AdmissionPlugin = {
  name: "Priority",
  resources: ["pods", "priorityclasses.scheduling.k8s.io"],
  async admit(attributes, object) {
    if (!concerns(attributes, "", "pods")) return;
    const pod = object as Pod;
    if (attributes.operation === "UPDATE") keep(pod, attributes.oldObject as Pod);
    if (attributes.operation !== "CREATE") return;
    const found = await classOf(attributes, pod.spec.priorityClassName ?? "");
    if (found !== undefined) pod.spec.priorityClassName = found.metadata.name;
    const value = found?.value ?? 0;
    const policy = found?.preemptionPolicy ?? "PreemptLowerPriority";
    const { priority: given, preemptionPolicy: givenPolicy } = pod.spec;
    if (given !== undefined && given !== value) {
      throw refused(attributes, `the integer value of priority (${given}) must not be provided in pod spec; priority admission controller computed ${value} from the given PriorityClass name`);
    }
    if (givenPolicy !== undefined && givenPolicy !== policy) {
      throw refused(attributes, `the string value of PreemptionPolicy (${givenPolicy}) must not be provided in pod spec; priority admission controller computed ${policy} from the given PriorityClass name`);
    }
    pod.spec.priority = value;
    pod.spec.preemptionPolicy = policy;
  },
  async validate(attributes, object) {
    if (object === undefined || !concerns(attributes, "scheduling.k8s.io", "priorityclasses") || (object as PriorityClass).globalDefault !== true) return;
    const other = (await attributes.reader.list(priorityClasses)).find((pc) => pc.globalDefault === true && pc.metadata.name !== object.metadata.name);
    if (other !== undefined) throw refused(attributes, `PriorityClass ${other.metadata.name} is already marked as default. Only one default can exist`);
  },
};

/** Who replaces a pod need not say what has been reckoned for it. */
function keep({ spec }: Pod, old: Pod): void {
  const { priority: value, preemptionPolicy } = old.spec;
  if (value !== undefined) spec.priority ??= value;
  if (preemptionPolicy !== undefined) spec.preemptionPolicy ??= preemptionPolicy;
}

/** Without a name the one that is the default, if there is one; of several the lowest. */
async function classOf(attributes: AdmissionAttributes, name: string): Promise<PriorityClass | undefined> {
  if (name === "") {
    const defaults = (await attributes.reader.list(priorityClasses)).filter((pc) => pc.globalDefault === true);
    return defaults.sort((a, b) => (a.value ?? 0) - (b.value ?? 0))[0];
  }
  const found = await attributes.reader.get(priorityClasses, name);
  if (found === undefined) throw refused(attributes, `no PriorityClass with name ${name} was found`);
  return found;
}
