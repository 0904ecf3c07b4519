import { lstat, statfs } from "node:fs/promises";
import type { Pod } from "#api/gen/core-v1.ts";
import { fileSystemOf, type FileSystem } from "#base/file-system.ts";
import type { Runtime } from "#cri/runtime.ts";
import { isCgroupV2 } from "../resources/cgroup-limits.ts";
import { containersOf } from "../containers/containers.ts";
import { uidOf } from "../names.ts";
import { memoryInfo, threadCount } from "../node/node-info.ts";
import type { CgroupReader } from "../stats/cgroup-reader.ts";
import type { TreeSize } from "../stats/disk.ts";
import type { DiskUsage } from "../stats/disk-usage.ts";
import type { NodeSample, PodSample } from "../stats/sampler.ts";
import type { Stats } from "../stats/stats.ts";
import type { ContainerUse, PodUse } from "./ranking.ts";
import type { Observation, Signal } from "./signals.ts";
import { nothing, type EvictionSource } from "./source.ts";

export interface MachineDeps {
  readonly reader: CgroupReader;
  /** Where all pods' cgroups are. */
  readonly parent: string;
  readonly rootDir: string;
  readonly runtime: Runtime;
  readonly stats: Stats;
}

/** Of this machine: the kernel's counters and the file systems. Upstream: pkg/kubelet/eviction/helpers.go makeSignalObservations */
export function machineSource(deps: MachineDeps): EvictionSource {
  const { rootDir, stats } = deps;
  const imageDir = imageDirOf(deps.runtime);
  return {
    async observe() {
      const dir = await imageDir();
      const [memory, pids, node, images] = await Promise.all([memoryLeft(deps), pidsLeft(), fileSystemOf(rootDir), dir === undefined ? undefined : fileSystemOf(dir)]);
      const files: [Signal, Observation][] = [...filesLeft("nodefs", node), ...filesLeft("imagefs", images)];
      return new Map<Signal, Observation>([...memory, ["pid.available", pids], ...files]);
    },
    async uses(pods) {
      const [sample, disk] = await Promise.all([stats.look(), stats.disk(pods)]);
      return new Map(pods.map((pod) => [uidOf(pod), useOf(pod, sample, disk)] as const).filter((entry): entry is readonly [string, PodUse] => entry[1] !== undefined));
    },
    async imagesApart() {
      const dir = await imageDir();
      if (dir === undefined) return false;
      const [own, images] = await Promise.all([lstat(rootDir), lstat(dir).catch(() => undefined)]);
      return images !== undefined && images.dev !== own.dev;
    },
  };
}

async function memoryLeft({ reader, parent }: MachineDeps): Promise<[Signal, Observation][]> {
  const { totalBytes, freeBytes, inactiveFileBytes } = await memoryInfo();
  const root = isCgroupV2() ? undefined : reader.usage("/"); // v2 counts nothing at its root
  const available = root === undefined ? freeBytes + inactiveFileBytes : totalBytes - root.workingSet;
  const pods = reader.usage(parent);
  const ofPods = pods?.memoryLimit === undefined ? totalBytes : Math.min(totalBytes, pods.memoryLimit);
  return [
    ["memory.available", { capacity: totalBytes, available }],
    ...(pods === undefined ? [] : [["allocatableMemory.available", { capacity: ofPods, available: ofPods - pods.workingSet }] satisfies [Signal, Observation]]),
  ];
}

async function pidsLeft(): Promise<Observation> {
  const { now, most } = await threadCount();
  return { capacity: most, available: most - now };
}

/** A file system that makes inodes as it needs them, such as btrfs, says that it has none. */
function filesLeft(name: "nodefs" | "imagefs", fileSystem: FileSystem | undefined): [Signal, Observation][] {
  if (fileSystem === undefined) return [];
  const { capacity, available, inodes, inodesFree } = fileSystem;
  return [[`${name}.available`, { capacity, available }], ...(inodes > 0 ? [[`${name}.inodesFree`, { capacity: inodes, available: inodesFree }] satisfies [Signal, Observation]] : [])];
}

/** Where the runtime's images are, once it has said so. */
function imageDirOf(runtime: Runtime): () => Promise<string | undefined> {
  let dir: string | undefined;
  return async () => {
    dir ??= await runtime.images.imageFsInfo({}).then(({ imageFilesystems }) => imageFilesystems?.[0]?.fsId?.mountpoint, () => undefined);
    return dir;
  };
}

function useOf(pod: Pod, { pods }: NodeSample, disk: DiskUsage): PodUse | undefined {
  const sample = pods.find((p) => uidOf(p.pod) === uidOf(pod));
  if (sample?.usage === undefined) return undefined;
  const own = disk.pods.get(uidOf(pod));
  return {
    memory: sample.usage.workingSet,
    processes: sample.usage.pids,
    volumes: (own?.volumes ?? []).filter(({ ephemeral }) => ephemeral).map(({ size }) => size).reduce(sumOf, nothing),
    containers: new Map(containersOf(pod).map(({ container: { name } }) => [name, containerUse(name, sample, disk, own?.logs.get(name))])),
  };
}

function containerUse(name: string, { containers }: PodSample, { writable }: DiskUsage, logs: TreeSize = nothing): ContainerUse {
  const sample = containers.find(({ instance }) => instance.name === name);
  return { memory: sample?.usage.workingSet ?? 0, written: writable.get(sample?.instance.id ?? "") ?? nothing, logs };
}

const sumOf = (a: TreeSize, b: TreeSize): TreeSize => ({ bytes: a.bytes + b.bytes, inodes: a.inodes + b.inodes });

/** How full a file system is, for whoever frees it. */
export const spaceOf = (runtime: Runtime): (() => Promise<Observation | undefined>) => {
  const imageDir = imageDirOf(runtime);
  return async () => {
    const dir = await imageDir();
    const found = dir === undefined ? undefined : await statfs(dir).catch(() => undefined);
    return found && { capacity: found.blocks * found.bsize, available: found.bavail * found.bsize };
  };
};
