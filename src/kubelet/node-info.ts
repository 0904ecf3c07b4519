/** What this machine is. Upstream: cadvisor's MachineInfo, pkg/kubelet/nodestatus */
import { readdir, readFile, statfs } from "node:fs/promises";
import { arch, availableParallelism, release } from "node:os";
import { Quantity } from "#apimachinery/quantity.ts";
import type { NodeSystemInfo } from "#api/gen/core-v1.ts";
import type { Runtime } from "#cri/runtime.ts";

export const kubeletVersion = "v1.36.0";
/** Kept free of pods so that the node itself does not starve. Upstream: eviction-hard memory.available<100Mi, nodefs.available<10% */
const reservedMemoryBytes = 100 * 1024 * 1024;
const reservedDiskShare = 0.1;
const maxPods = 110;

export const architecture = (): string =>
  ({ x64: "amd64", arm64: "arm64", ia32: "386", arm: "arm", s390x: "s390x", ppc64: "ppc64le", riscv64: "riscv64" })[arch() as string] ?? arch();

export async function systemInfo(runtime: Runtime): Promise<NodeSystemInfo> {
  const [machineID, uuid, bootID, osRelease, version] = await Promise.all([
    text("/etc/machine-id"),
    text("/sys/class/dmi/id/product_uuid"),
    text("/proc/sys/kernel/random/boot_id"),
    text("/etc/os-release"),
    runtime.version({}),
  ]);
  return {
    machineID,
    systemUUID: uuid || machineID,
    bootID,
    kernelVersion: release(),
    osImage: /^PRETTY_NAME="?([^"\n]*)"?/m.exec(osRelease)?.[1] ?? "Linux",
    containerRuntimeVersion: `${version.runtimeName ?? "unknown"}://${version.runtimeVersion ?? ""}`,
    kubeletVersion,
    kubeProxyVersion: "",
    operatingSystem: "linux",
    architecture: architecture(),
  };
}

export interface Resources {
  readonly capacity: Record<string, string>;
  readonly allocatable: Record<string, string>;
  readonly memoryBytes: number;
}

/** @param dir whose file system holds the pods' files */
export async function resourcesOf(dir: string): Promise<Resources> {
  const [memory, disk, hugePages] = await Promise.all([memoryInfo(), statfs(dir), hugePageSizes()]);
  const diskBytes = disk.blocks * disk.bsize;
  const pages = Object.fromEntries(hugePages);
  const shared = { cpu: String(availableParallelism()), pods: String(maxPods), ...pages };
  return {
    memoryBytes: memory.totalBytes,
    capacity: {
      ...shared,
      memory: `${memory.totalBytes / 1024}Ki`,
      "ephemeral-storage": Quantity.parse(`${Math.floor(diskBytes / 1024)}Ki`).toString(),
    },
    allocatable: {
      ...shared,
      memory: `${Math.max(0, memory.totalBytes - reservedMemoryBytes) / 1024}Ki`,
      "ephemeral-storage": String(Math.floor(diskBytes * (1 - reservedDiskShare))),
    },
  };
}

export interface Pressure {
  readonly memory: boolean;
  readonly disk: boolean;
  readonly pids: boolean;
}

/** Disk is short below 5 %, later than upstream's 10 %: nothing is evicted yet, so the condition should mean that the end is near. */
const shortDiskShare = 0.05;
const shortPidShare = 0.02;

export async function pressureOf(dir: string): Promise<Pressure> {
  const [memory, disk, threads] = await Promise.all([memoryInfo(), statfs(dir), threadCount()]);
  return {
    memory: memory.availableBytes < reservedMemoryBytes,
    disk: disk.bavail < disk.blocks * shortDiskShare,
    pids: threads.now > threads.most * (1 - shortPidShare),
  };
}

/** How many threads there are and may be. Upstream: pkg/kubelet/stats/pidlimit */
export async function threadCount(): Promise<{ readonly now: number; readonly most: number }> {
  const [loadavg, pidMax] = await Promise.all([text("/proc/loadavg"), text("/proc/sys/kernel/pid_max")]);
  return { now: Number(loadavg.split(" ")[3]?.split("/")[1] ?? 0), most: Number(pidMax) };
}

export async function memoryInfo(): Promise<{ readonly totalBytes: number; readonly availableBytes: number }> {
  const info = await text("/proc/meminfo");
  const bytes = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(info)?.[1] ?? 0) * 1024;
  return { totalBytes: bytes("MemTotal"), availableBytes: bytes("MemAvailable") };
}

async function hugePageSizes(): Promise<[string, string][]> {
  const root = "/sys/kernel/mm/hugepages";
  const names = await readdir(root).catch((): string[] => []);
  return Promise.all(
    names.map(async (name): Promise<[string, string]> => {
      const kilobytes = Number(/^hugepages-(\d+)kB$/.exec(name)?.[1] ?? 0);
      const count = Number(await text(`${root}/${name}/nr_hugepages`));
      return [`hugepages-${Quantity.parse(`${kilobytes}Ki`).toString()}`, count === 0 ? "0" : Quantity.parse(`${kilobytes * count}Ki`).toString()];
    }),
  );
}

const text = async (path: string): Promise<string> => (await readFile(path, "utf8").catch(() => "")).trim();
