/** What this machine is. Upstream: cadvisor's MachineInfo, pkg/kubelet/nodestatus */
import { readdir, readFile, statfs } from "node:fs/promises";
import { arch, availableParallelism, release } from "node:os";
import { Quantity } from "#apimachinery/quantity.ts";
import type { NodeSystemInfo } from "#api/gen/core-v1.ts";
import type { Runtime } from "#cri/runtime.ts";
import { allocatableOf } from "../resources/node-allocatable.ts";
import type { KubeletSettings } from "../settings/settings.ts";

const kubeletVersion = "v1.36.0";

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
export async function resourcesOf(dir: string, settings: KubeletSettings): Promise<Resources> {
  const [memory, disk, hugePages] = await Promise.all([memoryInfo(), statfs(dir), hugePageSizes()]);
  const diskBytes = disk.blocks * disk.bsize;
  const capacity = {
    cpu: String(availableParallelism()),
    pods: String(settings.maxPods),
    ...Object.fromEntries(hugePages),
    memory: `${memory.totalBytes / 1024}Ki`,
    "ephemeral-storage": Quantity.parse(`${Math.floor(diskBytes / 1024)}Ki`).toString(),
  };
  return { memoryBytes: memory.totalBytes, capacity, allocatable: allocatableOf(capacity, settings) };
}

/** How many threads there are and may be. Upstream: pkg/kubelet/stats/pidlimit */
export async function threadCount(): Promise<{ readonly now: number; readonly most: number }> {
  const [loadavg, pidMax, threadsMax] = await Promise.all([text("/proc/loadavg"), text("/proc/sys/kernel/pid_max"), text("/proc/sys/kernel/threads-max")]);
  return { now: Number(loadavg.split(" ")[3]?.split("/")[1] ?? 0), most: Math.min(Number(pidMax), Number(threadsMax) || Infinity) };
}

export async function memoryInfo(): Promise<{ readonly totalBytes: number; readonly freeBytes: number; readonly inactiveFileBytes: number }> {
  const info = await text("/proc/meminfo");
  const bytes = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(info)?.[1] ?? 0) * 1024;
  return { totalBytes: bytes("MemTotal"), freeBytes: bytes("MemFree"), inactiveFileBytes: bytes("Inactive\\(file\\)") };
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
