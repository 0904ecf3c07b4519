/** What a pod asks for and may use. Upstream: component-helpers/resource/helpers.go, pkg/apis/core/v1/helper/qos */
import { Quantity } from "#apimachinery/quantity.ts";
import type { Container, PodSpec, ResourceRequirements } from "./gen/core-v1.ts";
import { addResources, maxResources, resourceList, type ResourceList } from "./resource-list.ts";
import { isHugePages } from "./resource-names.ts";

export interface PodResourceOptions {
  readonly excludeOverhead?: boolean;
  /** Stands in for requests that a container leaves out, e.g. when nodes are scored. */
  readonly missing?: ResourceList;
}

/**
 * The sum of the containers and sidecars, or the largest moment of initialisation if that is more; what the pod itself
 * states, if it does; and the overhead.
 */
export function podRequests(pod: { readonly spec: PodSpec }, options: PodResourceOptions = {}): ResourceList {
  const { missing } = options;
  const total = aggregate(pod.spec, ({ requests }) => (missing === undefined ? resourceList(requests) : { ...missing, ...resourceList(requests) }));
  const stated = { ...total, ...podLevel(pod.spec.resources?.requests) };
  return options.excludeOverhead ? stated : addResources(stated, resourceList(pod.spec.overhead));
}

/** The same over limits; the overhead counts only where there is a limit. */
export function podLimits(pod: { readonly spec: PodSpec }, options: Pick<PodResourceOptions, "excludeOverhead"> = {}): ResourceList {
  const stated = { ...containerLimits(pod.spec), ...podLevel(pod.spec.resources?.limits) };
  if (options.excludeOverhead) return stated;
  const overhead = Object.entries(resourceList(pod.spec.overhead)).filter(([name]) => stated[name]?.isZero() === false);
  return addResources(stated, Object.fromEntries(overhead));
}

/** True for a sidecar: an init container that runs on beside the others. */
export const isRestartableInit = (container: Pick<Container, "restartPolicy">): boolean => container.restartPolicy === "Always";

/** What the containers come to, whatever the pod states for itself. Upstream: AggregateContainerRequests */
export const containerRequests = (spec: PodSpec): ResourceList => aggregate(spec, ({ requests }) => resourceList(requests));
/** Upstream: AggregateContainerLimits */
export const containerLimits = (spec: PodSpec): ResourceList => aggregate(spec, ({ limits }) => resourceList(limits));

function aggregate(spec: PodSpec, of: (resources: ResourceRequirements) => ResourceList): ResourceList {
  let total = spec.containers.reduce<ResourceList>((sum, c) => addResources(sum, of(c.resources ?? {})), {});
  let sidecars: ResourceList = {};
  let initialising: ResourceList = {};
  for (const container of spec.initContainers ?? []) {
    const own = of(container.resources ?? {});
    if (isRestartableInit(container)) {
      total = addResources(total, own);
      sidecars = addResources(sidecars, own);
      initialising = maxResources(initialising, sidecars);
    } else initialising = maxResources(initialising, addResources(own, sidecars));
  }
  return maxResources(total, initialising);
}

/** True for what a pod can state for itself. Upstream: IsSupportedPodLevelResource */
export const isPodLevel = (name: string): boolean => name === "cpu" || name === "memory" || isHugePages(name);
const podLevel = (texts: Readonly<Record<string, string>> | undefined): ResourceList =>
  Object.fromEntries(Object.entries(resourceList(texts)).filter(([name]) => isPodLevel(name)));

const computed = ["cpu", "memory"] as const;

/** BestEffort asks for nothing, Guaranteed for exactly its limits in every container, Burstable is the rest. */
export function qosClass(pod: { readonly spec: PodSpec }): "Guaranteed" | "Burstable" | "BestEffort" {
  const { spec } = pod;
  const stated = spec.resources !== undefined && [spec.resources.requests, spec.resources.limits].some((list) => Object.keys(podLevel(list)).length > 0);
  const parts: readonly ResourceRequirements[] = stated ? [spec.resources ?? {}] : [...spec.containers, ...(spec.initContainers ?? [])].map((c) => c.resources ?? {});
  const requests = parts.map((p) => positive(p.requests)).reduce<ResourceList>(addResources, {});
  const limits = parts.map((p) => positive(p.limits)).reduce<ResourceList>(addResources, {});
  if (Object.keys(requests).length === 0 && Object.keys(limits).length === 0) return "BestEffort";
  const limited = parts.every((p) => computed.every((name) => positive(p.limits)[name] !== undefined));
  const equal = computed.every((name) => requests[name]?.cmp(limits[name] ?? Quantity.zero) === 0);
  return limited && equal ? "Guaranteed" : "Burstable";
}

const positive = (texts: Readonly<Record<string, string>> | undefined): ResourceList =>
  Object.fromEntries(Object.entries(resourceList(texts)).filter(([name, amount]) => computed.some((c) => c === name) && amount.sign > 0));
