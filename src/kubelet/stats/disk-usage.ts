/** What the node's pods hold on its disks. */
import { readdir, lstat } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Pod } from "#api/gen/core-v1.ts";
import type { FilesystemUsage } from "#cri/gen/cri-v1.ts";
import type { Runtime } from "#cri/runtime.ts";
import { containersOf } from "../containers.ts";
import { uidOf } from "../names.ts";
import type { Paths } from "../paths.ts";
import { fileSystemOf, type FileSystem, type TreeSize, type TreeSizes } from "./disk.ts";

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
  /** Counts as the pod's ephemeral storage: an emptyDir on disk. Upstream: pkg/volume/util/fs IsLocalEphemeralVolume */
  readonly ephemeral: boolean;
}

export interface DiskDeps { readonly runtime: Runtime; readonly paths: Paths; readonly sizes: TreeSizes }

export async function diskUsage({ runtime, paths, sizes }: DiskDeps, pods: readonly Pod[]): Promise<DiskUsage> {
  const [node, logs, info, { stats = [] }] = await Promise.all([
    fileSystemOf(paths.root), fileSystemOf(paths.podLogs), runtime.images.imageFsInfo({}).catch(() => ({ imageFilesystems: [], containerFilesystems: [] })), runtime.listContainerStats({}),
  ]);
  const measured: [string, PodDisk][] = [];
  for (const pod of pods) measured.push([uidOf(pod), await podDisk(paths, sizes, pod)]); // one after another: disks are slow enough
  return {
    node, logs, images: await usedPart(info.imageFilesystems?.[0]), containers: await usedPart(info.containerFilesystems?.[0] ?? info.imageFilesystems?.[0]),
    writable: new Map(stats.flatMap(({ attributes, writableLayer }) => (writableLayer === undefined ? [] : [[attributes?.id ?? "", treeSize(writableLayer)]]))),
    pods: new Map(measured),
  };
}

async function podDisk(paths: Paths, sizes: TreeSizes, pod: Pod): Promise<PodDisk> {
  const logs = await Promise.all(containersOf(pod).map(async ({ container }): Promise<[string, TreeSize] | undefined> => {
    const size = await sizes.of(join(paths.logs(pod), container.name));
    return size && [container.name, size];
  }));
  const volumes = await Promise.all((await volumeDirs(paths, pod)).map((dir) => volumeDisk(sizes, pod, dir)));
  return { logs: new Map(logs.filter((log) => log !== undefined)), volumes: volumes.filter((volume) => volume !== undefined), files: await podFiles(paths, sizes, uidOf(pod)) };
}

async function podFiles(paths: Paths, sizes: TreeSizes, uid: string): Promise<TreeSize> {
  const found = await Promise.all([paths.hosts(uid), paths.terminationLogs(uid)].map((path) => sizes.of(path)));
  return found.reduce<TreeSize>((sum, size) => ({ bytes: sum.bytes + (size?.bytes ?? 0), inodes: sum.inodes + (size?.inodes ?? 0) }), { bytes: 0, inodes: 0 });
}

/** `<plugin>/<volume>` of all volumes that the kubelet has made for the pod. */
async function volumeDirs(paths: Paths, pod: Pod): Promise<string[]> {
  const root = paths.volumes(uidOf(pod));
  const entries = async (dir: string): Promise<string[]> => (await readdir(dir).catch((): string[] => [])).map((name) => join(dir, name));
  return (await Promise.all((await entries(root)).map(entries))).flat();
}

/** A volume with a file system of its own is asked for it; any other is counted. */
async function volumeDisk(sizes: TreeSizes, pod: Pod, dir: string): Promise<VolumeDisk | undefined> {
  const name = dir.slice(dirname(dir).length + 1);
  const volume = pod.spec.volumes?.find((v) => v.name === name);
  const [own, above, fileSystem] = await Promise.all([lstat(dir).catch(() => undefined), lstat(dirname(dir)).catch(() => undefined), fileSystemOf(dir)]);
  if (volume === undefined || own === undefined || fileSystem === undefined) return undefined;
  const mounted = own.dev !== above?.dev;
  const size = mounted ? { bytes: fileSystem.used, inodes: fileSystem.inodes - fileSystem.inodesFree } : await sizes.of(dir);
  return size && { name, fileSystem, size, ephemeral: volume.emptyDir !== undefined && volume.emptyDir.medium !== "Memory" };
}

async function usedPart(usage: FilesystemUsage | undefined): Promise<UsedPart | undefined> {
  return usage && { fileSystem: await fileSystemOf(usage.fsId?.mountpoint ?? ""), part: treeSize(usage) };
}

const treeSize = ({ usedBytes, inodesUsed }: FilesystemUsage): TreeSize => ({ bytes: Number(usedBytes?.value ?? 0), inodes: Number(inodesUsed?.value ?? 0) });
