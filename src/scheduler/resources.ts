import { podRequests, type PodResourceOptions } from "#api/pod-resources.ts";
import { resourceList, type ResourceList } from "#api/resource-list.ts";
import type { PodSpec } from "#api/gen/core-v1.ts";

/** Amounts as plain numbers, for the inner loop: thousandths of a CPU, bytes, pieces. */
export interface Resources {
  milliCpu: number;
  memory: number;
  ephemeralStorage: number;
  pods: number;
  /** Extended resources, huge pages and the like. */
  readonly scalars: Map<string, number>;
}

/** What a container counts for in scoring when it asks for nothing. Upstream: pkg/scheduler/util/pod_resources.go */
const assumedWhenMissing = resourceList({ cpu: "100m", memory: "200Mi" });

/** Amounts as plain numbers, which add up and compare faster than quantities. */
export function toResources(list: ResourceList): Resources {
  const result = noResources();
  for (const [name, amount] of Object.entries(list)) {
    if (name === "cpu") result.milliCpu = amount.milliValue;
    else if (name === "memory") result.memory = amount.value;
    else if (name === "ephemeral-storage") result.ephemeralStorage = amount.value;
    else if (name === "pods") result.pods = amount.value;
    else result.scalars.set(name, amount.value);
  }
  return result;
}

export const noResources = (): Resources => ({ milliCpu: 0, memory: 0, ephemeralStorage: 0, pods: 0, scalars: new Map() });

/** Adds `sign` times `other` to `total`, in place. */
export function accumulate(total: Resources, other: Resources, sign: 1 | -1): void {
  total.milliCpu += sign * other.milliCpu;
  total.memory += sign * other.memory;
  total.ephemeralStorage += sign * other.ephemeralStorage;
  for (const [name, amount] of other.scalars) total.scalars.set(name, (total.scalars.get(name) ?? 0) + sign * amount);
}

/** What the scheduler counts the pod for. */
export const requestsOf = (pod: { readonly spec: PodSpec }, options?: PodResourceOptions): Resources => toResources(podRequests(pod, options));
/** With a minimum for each container, so that pods that ask for nothing do not all go to one node. */
export const nonZeroRequestsOf = (pod: { readonly spec: PodSpec }): Resources => requestsOf(pod, { missing: assumedWhenMissing });
