/** What the node's pods hold on its disks. */
import { lstat } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Pod } from "#api/gen/core-v1.ts";
import type { FilesystemUsage } from "#cri/gen/cri-v1.ts";
import type { Runtime } from "#cri/runtime.ts";
import { fileSystemOf, type FileSystem } from "#base/file-system.ts";
import { containersOf } from "../containers/containers.ts";
import { uidOf } from "../names.ts";
import type { Paths } from "../paths.ts";
import type { StandingVolume } from "../volumes/volume-manager.ts";
import type { Measurements, TreeSize, TreeSizes } from "./disk.ts";

export interface DiskUsage {
  /** That of the kubelet's own directory. */
  readonly node: FileSystem | undefined;
  /** That of the logs. */
  readonly logs: FileSystem | undefined;
  readonly images: UsedPart | undefined;
  readonly containers: UsedPart | undefined;
  /** What running containers have written over their images, by the runtime's id. */
  readonly writable: ReadonlyMap<string, TreeSize>;
  readonly pods: ReadonlyMap<string, PodDisk>;
}

/** A file system, and how much of it something holds. */
export interface UsedPart { readonly fileSystem: FileSystem | undefined; readonly part: TreeSize }

export interface PodDisk {
  /** By container, all instances that are kept. */
  readonly logs: ReadonlyMap<string, TreeSize>;
  readonly volumes: readonly VolumeDisk[];
  /** What its containers can write beside: `/etc/hosts` and the files for last words (CVE-2020-8557). */
  readonly files: TreeSize;
}

export interface VolumeDisk {
  readonly name: string;
  readonly fileSystem: FileSystem | undefined;
  readonly size: TreeSize;
  /** The one whose volume it is. */
  readonly claim?: ClaimName;
  /** Counts as the pod's ephemeral storage: an emptyDir on disk. Upstream: pkg/volume/util/fs IsLocalEphemeralVolume */
  readonly ephemeral: boolean;
}

export interface ClaimName { readonly namespace: string; readonly name: string }

export interface DiskDeps {
  readonly runtime: Runtime;
  readonly paths: Paths;
  readonly sizes: TreeSizes;
  /** What volumes' plugins have said of them, by the volume's directory. */
  readonly told: Measurements<Measured | undefined>;
  /** The volumes that stand for a pod. */
  readonly volumes: (uid: string) => readonly StandingVolume[];
}

export async function diskUsage(deps: DiskDeps, pods: readonly Pod[]): Promise<DiskUsage> {
  const { runtime, paths } = deps;
  const [node, logs, info, { stats = [] }] = await Promise.all([
    fileSystemOf(paths.root), fileSystemOf(paths.podLogs), runtime.images.imageFsInfo({}).catch(() => ({ imageFilesystems: [], containerFilesystems: [] })), runtime.listContainerStats({}),
  ]);
  const measured: [string, PodDisk][] = [];
  for (const pod of pods) measured.push([uidOf(pod), await podDisk(deps, pod)]); // one after another: disks are slow enough
  return {
    node, logs, images: await usedPart(info.imageFilesystems?.[0]), containers: await usedPart(info.containerFilesystems?.[0] ?? info.imageFilesystems?.[0]),
    writable: new Map(stats.flatMap(({ attributes, writableLayer }) => (writableLayer === undefined ? [] : [[attributes?.id ?? "", treeSize(writableLayer)]]))),
    pods: new Map(measured),
  };
}

async function podDisk(deps: DiskDeps, pod: Pod): Promise<PodDisk> {
  const { paths, sizes } = deps;
  const logs = await Promise.all(containersOf(pod).map(async ({ container }): Promise<[string, TreeSize] | undefined> => {
    const size = await sizes.of(join(paths.logs(pod), container.name));
    return size && [container.name, size];
  }));
  const volumes = await Promise.all(deps.volumes(uidOf(pod)).map((volume) => volumeDisk(deps, pod, volume)));
  return { logs: new Map(logs.filter((log) => log !== undefined)), volumes: volumes.filter((volume) => volume !== undefined), files: await podFiles(paths, sizes, uidOf(pod)) };
}

async function podFiles(paths: Paths, sizes: TreeSizes, uid: string): Promise<TreeSize> {
  const found = await Promise.all([paths.hosts(uid), paths.terminationLogs(uid)].map((path) => sizes.of(path)));
  return found.reduce<TreeSize>((sum, size) => ({ bytes: sum.bytes + (size?.bytes ?? 0), inodes: sum.inodes + (size?.inodes ?? 0) }), { bytes: 0, inodes: 0 });
}

async function volumeDisk(deps: DiskDeps, pod: Pod, { name, dir, claim, usage }: StandingVolume): Promise<VolumeDisk | undefined> {
  const ephemeral = pod.spec.volumes?.some((v) => v.name === name && v.emptyDir !== undefined && v.emptyDir.medium !== "Memory") === true;
  const measured = usage === undefined ? await look(deps.sizes, dir) : await deps.told.of(dir, () => usage().then((fileSystem) => fileSystem && whole(fileSystem), () => undefined));
  return measured && { name, ...measured, ephemeral, ...(claim !== undefined && { claim }) };
}

type Measured = Pick<VolumeDisk, "fileSystem" | "size">;
const whole = (fileSystem: FileSystem): Measured => ({ fileSystem, size: { bytes: fileSystem.used, inodes: fileSystem.inodes - fileSystem.inodesFree } });

/** A volume with a file system of its own is asked for it; any other is counted. */
async function look(sizes: TreeSizes, dir: string): Promise<Measured | undefined> {
  const [own, above, fileSystem] = await Promise.all([lstat(dir).catch(() => undefined), lstat(dirname(dir)).catch(() => undefined), fileSystemOf(dir)]);
  if (own === undefined || fileSystem === undefined) return undefined;
  if (own.dev !== above?.dev) return whole(fileSystem);
  const size = await sizes.of(dir);
  return size && { fileSystem, size };
}

async function usedPart(usage: FilesystemUsage | undefined): Promise<UsedPart | undefined> {
  return usage && { fileSystem: await fileSystemOf(usage.fsId?.mountpoint ?? ""), part: treeSize(usage) };
}

const treeSize = ({ usedBytes, inodesUsed }: FilesystemUsage): TreeSize => ({ bytes: Number(usedBytes?.value ?? 0), inodes: Number(inodesUsed?.value ?? 0) });
