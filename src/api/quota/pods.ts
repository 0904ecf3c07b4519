/** Upstream: pkg/quota/v1/evaluator/core/pods.go */
import type { Affinity, Container, Pod, PodAffinityTerm, ResourceRequirements, ScopedResourceSelectorRequirement } from "../gen/core-v1.ts";
import { isTerminal, podLimits, podRequests, qosClass } from "../pod.ts";
import { resourceList, type ResourceList } from "../resource-list.ts";
import { Quantity } from "#apimachinery/quantity.ts";
import { isHugePages, isNative } from "../resource-names.ts";
import type { Evaluator } from "./evaluator.ts";
import { classInScope } from "./scope.ts";

const one = Quantity.of(1);
const computed = ["cpu", "memory", "ephemeral-storage"] as const;
const counted: ReadonlySet<string> = new Set(["count/pods", "pods", ...computed.flatMap((name) => [name, `requests.${name}`, `limits.${name}`])]);
/** Once it was thought right that who counts these also demands that every container states them. */
const demanded: ReadonlySet<string> = new Set((["cpu", "memory"] as const).flatMap((name) => [name, `requests.${name}`, `limits.${name}`]));

export const podEvaluator: Evaluator<Pod> = {
  resource: { group: "", resource: "pods" },
  counts: (name) => counted.has(name) || isHugePages(name) || name.startsWith("requests.hugepages-") || (!isNative(name) && name.startsWith("requests.")),
  usage: (pod, now) => ({ "count/pods": one, ...(isCharged(pod, now) ? usageOf(podRequests(pod), podLimits(pod)) : {}) }),
  inScope,
  unsaid,
  chargesUpdate: (subresource) => subresource === "resize",
};

/** A pod that has ended, or should have been gone by now, takes nothing. Upstream: QuotaV1Pod */
function isCharged(pod: Pod, now: number): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds } = pod.metadata;
  if (isTerminal(pod)) return false;
  return deletionTimestamp === undefined || deletionGracePeriodSeconds === undefined || now <= Date.parse(deletionTimestamp) + deletionGracePeriodSeconds * 1000;
}

/** Upstream: podComputeUsageHelper */
function usageOf(requests: ResourceList, limits: ResourceList): ResourceList {
  const usage: Record<string, Quantity> = { pods: one };
  for (const [name, amount] of Object.entries(requests)) {
    if (isComputed(name) || isHugePages(name)) usage[name] = amount;
    if (isComputed(name) || isHugePages(name) || !isNative(name)) usage[`requests.${name}`] = amount;
  }
  for (const [name, amount] of Object.entries(limits)) if (isComputed(name)) usage[`limits.${name}`] = amount;
  return usage;
}
const isComputed = (name: string): boolean => computed.some((c) => c === name);

/** `limits.cpu for: a,b; requests.memory for: b`. Upstream: Constraints */
function unsaid(names: readonly string[], { spec }: Pod): string | undefined {
  if (Object.keys({ ...spec.resources?.requests, ...spec.resources?.limits }).length > 0) return undefined;
  const said = (resources: ResourceRequirements = {}): ResourceList => usageOf(resourceList(resources.requests), resourceList(resources.limits));
  const all: readonly Container[] = [...spec.containers, ...(spec.initContainers ?? [])];
  const missing = names.filter((name) => demanded.has(name)).toSorted().flatMap((name) => {
    const silent = all.filter(({ resources }) => said(resources)[name] === undefined).map((c) => c.name).toSorted();
    return silent.length === 0 ? [] : [`${name} for: ${silent.join(",")}`];
  });
  return missing.length === 0 ? undefined : `must specify ${missing.join("; ")}`;
}

function inScope(requirement: ScopedResourceSelectorRequirement, pod: Pod): boolean {
  switch (requirement.scopeName) {
    case "Terminating": return isTerminating(pod);
    case "NotTerminating": return !isTerminating(pod);
    case "BestEffort": return qosClass(pod) === "BestEffort";
    case "NotBestEffort": return qosClass(pod) !== "BestEffort";
    case "PriorityClass": return classInScope(requirement, pod.spec.priorityClassName);
    case "CrossNamespacePodAffinity": return looksAbroad(pod.spec.affinity);
    case "VolumeAttributesClass": return false;
  }
}

const isTerminating = ({ spec }: Pod): boolean => (spec.activeDeadlineSeconds ?? -1) >= 0;

/** Upstream: usesCrossNamespacePodAffinity */
function looksAbroad({ podAffinity, podAntiAffinity }: Affinity = {}): boolean {
  const terms = [podAffinity, podAntiAffinity].flatMap((a): readonly PodAffinityTerm[] => [
    ...(a?.requiredDuringSchedulingIgnoredDuringExecution ?? []), ...(a?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map((p) => p.podAffinityTerm),
  ]);
  return terms.some(({ namespaces = [], namespaceSelector }) => namespaces.length > 0 || namespaceSelector !== undefined);
}
