import type { Clock } from "#base/clock.ts";
import type { ContainerStats } from "#cri/gen/cri-v1.ts";
import type { KubeletHost } from "../host.ts";

/** The body of `/stats/summary`: what the runtime measures per container. Upstream: kubelet/pkg/apis/stats/v1alpha1 Summary */
export async function statsSummary(host: KubeletHost, nodeName: string, clock: Clock): Promise<object> {
  const { stats = [] } = await host.runtime.listContainerStats({});
  const pods = host.pods().map((pod) => {
    const own = stats.filter(({ attributes }) => attributes?.labels?.["io.kubernetes.pod.uid"] === pod.metadata.uid);
    const { name, namespace = "", uid = "", creationTimestamp } = pod.metadata;
    return { podRef: { name, namespace, uid }, startTime: pod.status.startTime ?? creationTimestamp, containers: own.map(containerStats) };
  });
  return { node: { nodeName, startTime: new Date(clock.now() - performance.now()).toISOString() }, pods };
}

function containerStats({ attributes, cpu, memory, writableLayer }: ContainerStats): object {
  return {
    name: attributes?.metadata?.name ?? "",
    ...(cpu && { cpu: { time: timeOf(cpu.timestamp), usageNanoCores: number(cpu.usageNanoCores), usageCoreNanoSeconds: number(cpu.usageCoreNanoSeconds) } }),
    ...(memory && { memory: { time: timeOf(memory.timestamp), usageBytes: number(memory.usageBytes), workingSetBytes: number(memory.workingSetBytes), rssBytes: number(memory.rssBytes) } }),
    ...(writableLayer && { rootfs: { time: timeOf(writableLayer.timestamp), usedBytes: number(writableLayer.usedBytes), inodesUsed: number(writableLayer.inodesUsed) } }),
  };
}

const number = (wrapped: { readonly value?: string } | undefined): number | undefined => (wrapped === undefined ? undefined : Number(wrapped.value ?? 0));
const timeOf = (nanoseconds: string | undefined): string => new Date(Number(BigInt(nanoseconds ?? "0") / 1_000_000n)).toISOString();
