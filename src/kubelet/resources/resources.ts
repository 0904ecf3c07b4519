/** Requests and limits as the kernel's numbers. Upstream: pkg/kubelet/kuberuntime/kuberuntime_container_linux.go, pkg/kubelet/cm/helpers_linux.go, qos/policy.go */
import { Quantity } from "#apimachinery/quantity.ts";
import type { Container, Pod, ResourceRequirements } from "#api/gen/core-v1.ts";
import { podLimits, podRequests, qosClass } from "#api/pod-resources.ts";
import { isHugePages } from "#api/resource-names.ts";
import type { LinuxContainerResources } from "#cri/gen/cri-v1.ts";
import { containersOf } from "../containers/containers.ts";

const periodUs = 100_000;
const leastQuotaUs = 1_000;
export const leastShares = 2;
export const mostShares = 262_144;
/** Pods at or above this priority are the node's own. Upstream: scheduling.SystemCriticalPriority */
export const criticalPriority = 2_000_000_000;

/** True for a pod that the node must not do without. What a pod of the API server says of its source counts for nothing. Upstream: pkg/kubelet/types/pod_update.go IsCriticalPod */
export const isCritical = ({ metadata, spec }: Pod): boolean =>
  (spec.priority ?? 0) >= criticalPriority || (metadata.resourceVersion === undefined && metadata.annotations?.["kubernetes.io/config.source"] === "file");

type Kind = "requests" | "limits";
type Qos = "Guaranteed" | "Burstable" | "BestEffort";

/** Thousandths of a CPU; 0 where nothing is stated. */
export const milliCpu = (container: Container, kind: Kind): number => Quantity.parse(container.resources?.[kind]?.["cpu"] ?? "0").milliValue;
export const memoryBytes = (container: Container, kind: Kind): number => Quantity.parse(container.resources?.[kind]?.["memory"] ?? "0").value;

/** What cgroup v1 and CRI call shares, within the kernel's bounds. Upstream: pkg/kubelet/cm/helpers_linux.go MilliCPUToShares */
export const cpuShares = (milli: number): number => Math.min(mostShares, Math.max(leastShares, Math.floor((milli * 1_024) / 1_000)));
/** 0 means no limit. */
export const cpuQuotaUs = (milli: number): number => (milli === 0 ? 0 : Math.max(leastQuotaUs, Math.floor((milli * periodUs) / 1_000)));

/** The container with the pod's own limits where it has none: it may use all that the pod has. Upstream: pkg/kubelet/kuberuntime/kuberuntime_container_linux.go getCPULimit, getMemoryLimit */
export function withPodLimits({ spec }: Pod, container: Container): Container {
  const inherited = (["cpu", "memory"] as const).flatMap((name) => {
    const limit = spec.resources?.limits?.[name];
    return limit === undefined || !Quantity.parse(container.resources?.limits?.[name] ?? "0").isZero() ? [] : [[name, limit] as const];
  });
  if (inherited.length === 0) return container;
  return { ...container, resources: { ...container.resources, limits: { ...container.resources?.limits, ...Object.fromEntries(inherited) } } };
}

/** @param cgroupV2 of this machine @param memoryCapacity of the node, in bytes */
export function containerResources(pod: Pod, container: Container, cgroupV2: boolean, memoryCapacity: number): LinuxContainerResources {
  const bounded = withPodLimits(pod, container);
  const limit = milliCpu(bounded, "limits");
  const request = container.resources?.requests?.["cpu"] === undefined ? limit : milliCpu(container, "requests");
  const memory = memoryBytes(bounded, "limits");
  return {
    cpuShares: String(cpuShares(request)),
    cpuPeriod: String(periodUs),
    ...(limit > 0 && { cpuQuota: String(cpuQuotaUs(limit)) }),
    ...(memory > 0 && { memoryLimitInBytes: String(memory) }),
    oomScoreAdj: String(oomScoreAdj(pod, container, memoryCapacity)),
    ...(cgroupV2 && { unified: { "memory.oom.group": "1" } }),
    ...hugePages(container),
  };
}

function hugePages(container: Container): Pick<LinuxContainerResources, "hugepageLimits"> {
  const pages = Object.entries(container.resources?.limits ?? {}).filter(([name]) => isHugePages(name));
  if (pages.length === 0) return {};
  return {
    hugepageLimits: pages.map(([name, amount]) => ({
      pageSize: name.slice("hugepages-".length).replace(/i?$/, "B"),
      limit: String(Quantity.parse(amount).value),
    })),
  };
}

/** Who dies first when memory runs out. Upstream: pkg/kubelet/qos/policy.go GetContainerOOMScoreAdjust */
export function oomScoreAdj(pod: Pod, container: Container, memoryCapacity: number): number {
  const qos = qosOf(pod);
  if (qos === "Guaranteed" || (pod.spec.priority ?? 0) >= criticalPriority) return -997;
  if (qos === "BestEffort") return 1_000;
  const share = memoryCapacity === 0 ? 0 : Math.floor((1_000 * memoryBytes(container, "requests")) / memoryCapacity);
  return Math.min(999, Math.max(3, 1_000 - share));
}

/** The pod's class of service, reckoned where its status does not say it. */
export const qosOf = (pod: Pod): Qos => pod.status.qosClass ?? qosClass(pod);

/** What the pod asks for, or may use, of a resource: thousandths of a CPU, bytes or pieces; 0 where nothing is stated. */
export function podAmount(pod: Pod, kind: Kind, resource: string): number {
  const amounts = kind === "requests" ? podRequests(pod) : podLimits(pod);
  return numberOf(resource, amounts[resource]);
}

/** A CPU is counted in thousandths. */
export const numberOf = (resource: string, amount: Quantity = Quantity.zero): number => (resource === "cpu" ? amount.milliValue : amount.value);

/** True when the pod has this limit itself, or each container that stays has it, so that the pod's sum is a limit, too. */
export const allLimited = (pod: Pod, resource: string): boolean => {
  const limited = (resources: ResourceRequirements | undefined): boolean => !Quantity.parse(resources?.limits?.[resource] ?? "0").isZero();
  const staying = containersOf(pod).filter((c) => c.kind !== "ephemeral");
  return limited(pod.spec.resources) || staying.every((c) => limited(c.container.resources));
};
