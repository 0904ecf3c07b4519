/** The body of `/stats/summary`. Upstream: kubelet/pkg/apis/stats/v1alpha1 */
import { timestamp } from "#apimachinery/time.ts";
import type { FileSystem } from "#base/file-system.ts";
import { namespaceOf, uidOf } from "../names.ts";
import type { TreeSize } from "./disk.ts";
import type { DiskUsage, PodDisk, UsedPart } from "./disk-usage.ts";
import type { InterfaceUsage } from "./net-dev.ts";
import type { ContainerSample, NodeSample, PodSample, Usage } from "./sampler.ts";

type Json = Readonly<Record<string, unknown>>;

export interface NodeFacts {
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly bootedAt: number;
  readonly memoryBytes: number;
  /** Processes and threads: how many there are and may be. */
  readonly threads: { readonly now: number; readonly most: number };
}

/** @param disk undefined where only CPU and memory are asked for */
export function summary(sample: NodeSample, disk: DiskUsage | undefined, facts: NodeFacts): Json {
  const time = timestamp(sample.at);
  return {
    node: {
      nodeName: facts.name,
      startTime: timestamp(facts.bootedAt),
      ...(sample.allPods && { systemContainers: [{ name: "pods", startTime: timestamp(facts.bootedAt), ...cpuAndMemory(sample.allPods, facts.memoryBytes) }] }),
      ...(sample.node && cpuAndMemory(sample.node, facts.memoryBytes)),
      ...(disk && {
        network: network(time, sample.interfaces),
        ...(disk.node && { fs: wholeFs(time, disk.node) }),
        runtime: { ...(disk.images && { imageFs: partFs(time, disk.images) }), ...(disk.containers && { containerFs: partFs(time, disk.containers) }) },
        rlimit: { time, maxpid: facts.threads.most, curproc: facts.threads.now },
      }),
    },
    pods: sample.pods.map((pod) => podStats(pod, time, disk)),
  };
}

function podStats({ pod, usage, containers, interfaces }: PodSample, time: string, disk: DiskUsage | undefined): Json {
  const own = disk?.pods.get(uidOf(pod));
  return {
    podRef: { name: pod.metadata.name, namespace: namespaceOf(pod), uid: uidOf(pod) },
    startTime: pod.status.startTime ?? pod.metadata.creationTimestamp ?? null,
    containers: containers.map((container) => containerStats(container, time, disk, own)),
    ...(usage && cpuAndMemory(usage)),
    ...(disk && own && {
      ...(interfaces && { network: network(time, interfaces) }),
      volume: own.volumes.map(({ name, fileSystem, size, claim }) => ({ ...partFs(time, { fileSystem, part: size }), name, ...(claim && { pvcRef: claim }) })),
      "ephemeral-storage": partFs(time, { fileSystem: disk.node, part: ephemeral(containers, disk, own) }),
      ...(usage && { process_stats: { process_count: usage.pids } }),
    }),
  };
}

function containerStats({ instance, usage }: ContainerSample, time: string, disk: DiskUsage | undefined, own: PodDisk | undefined): Json {
  const [written, logged] = [disk?.writable.get(instance.id), own?.logs.get(instance.name)];
  return {
    name: instance.name,
    startTime: timestamp(instance.startedAt),
    ...cpuAndMemory(usage),
    ...(written && { rootfs: partFs(time, { fileSystem: disk?.containers?.fileSystem, part: written }) }),
    ...(logged && { logs: partFs(time, { fileSystem: disk?.logs, part: logged }) }),
  };
}

/** @param memoryBytes what there is where nothing limits it */
function cpuAndMemory(usage: Usage, memoryBytes?: number): Json {
  const time = timestamp(usage.at);
  const limit = usage.memoryLimit ?? memoryBytes;
  const { cpu, memory, io } = usage.pressure;
  return {
    cpu: { time, ...(usage.cpuRate !== undefined && { usageNanoCores: usage.cpuRate }), usageCoreNanoSeconds: usage.cpu, ...(cpu && { psi: cpu }) },
    memory: {
      time, ...(limit !== undefined && { availableBytes: Math.max(0, limit - usage.workingSet) }),
      usageBytes: usage.memory, workingSetBytes: usage.workingSet, rssBytes: usage.rss, pageFaults: usage.pageFaults, majorPageFaults: usage.majorPageFaults,
      ...(memory && { psi: memory }),
    },
    ...(io && { io: { time, psi: io } }),
    swap: { time, ...(usage.swapLimit !== undefined && { swapAvailableBytes: Math.max(0, usage.swapLimit - usage.swap) }), swapUsageBytes: usage.swap },
  };
}

/** One interface stands for all. Upstream: pkg/kubelet/stats/helper.go cadvisorInfoToNetworkStats, defaultNetworkInterfaceName */
function network(time: string, interfaces: readonly InterfaceUsage[]): Json {
  const each = interfaces.map(({ name, rxBytes, rxErrors, txBytes, txErrors }) => ({ name, rxBytes, rxErrors, txBytes, txErrors }));
  return { time, ...(each.find(({ name }) => name === "eth0") ?? each[0]), interfaces: each };
}

const wholeFs = (time: string, { capacity, available, used, inodes, inodesFree }: FileSystem): Json =>
  ({ time, availableBytes: available, capacityBytes: capacity, usedBytes: used, inodesFree, inodes, inodesUsed: inodes - inodesFree });

/** A part's own bytes and inodes, in a file system that it shares. */
const partFs = (time: string, { fileSystem, part }: UsedPart): Json =>
  ({ ...(fileSystem && wholeFs(time, fileSystem)), time, usedBytes: part.bytes, inodesUsed: part.inodes });

const ephemeral = (containers: readonly ContainerSample[], disk: DiskUsage, own: PodDisk): TreeSize =>
  [...containers.map(({ instance }) => disk.writable.get(instance.id)), ...own.logs.values(), ...own.volumes.filter((v) => v.ephemeral).map((v) => v.size), own.files]
    .reduce<TreeSize>((sum, size) => ({ bytes: sum.bytes + (size?.bytes ?? 0), inodes: sum.inodes + (size?.inodes ?? 0) }), { bytes: 0, inodes: 0 });
