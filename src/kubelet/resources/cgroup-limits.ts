/** A cgroup's limits, written to the files of v1 or v2. Upstream: pkg/kubelet/cm/cgroup_manager_linux.go */
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";

export const cgroupRoot = "/sys/fs/cgroup";
const controllersV2 = ["cpuset", "cpu", "io", "memory", "hugetlb", "pids"];

/** Whether the host has one tree of cgroups for all controllers. */
export const isCgroupV2 = (): boolean => existsSync(join(cgroupRoot, "cgroup.controllers"));

export interface CgroupLimits {
  /** Of CPU time, against its neighbours; as v1 counts. */
  readonly shares: number;
  /** Microseconds of CPU in 100 ms. 0 means no limit, here and below. */
  readonly quota: number;
  /** Bytes. */
  readonly memory: number;
  /** Processes and threads. */
  readonly pids: number;
}

/** Makes the cgroup and sets its limits. Repeatable. Throws when the kernel refuses. @param path absolute within the hierarchy */
export const ensureCgroup = (path: string, limits: CgroupLimits): Promise<void> => (isCgroupV2() ? ensureV2(path, limits) : ensureV1(path, limits));

/** Writes limits when they change or when the cgroup has gone, and not at each sync. Upstream: cm/pod_container_manager_linux.go EnsureExists */
export class LastingLimits {
  readonly #written = new Map<string, string>();
  readonly #ensure: typeof ensureCgroup;
  readonly #exists: (path: string) => boolean;

  constructor(ensure: typeof ensureCgroup = ensureCgroup, exists: (path: string) => boolean = (path) => existsSync(join(cgroupRoot, isCgroupV2() ? "" : "cpu", path))) {
    this.#ensure = ensure;
    this.#exists = exists;
  }

  /** As `ensureCgroup`. */
  async ensure(path: string, limits: CgroupLimits): Promise<void> {
    const words = JSON.stringify(limits);
    if (this.#written.get(path) === words && this.#exists(path)) return;
    this.#written.delete(path);
    await this.#ensure(path, limits);
    this.#written.set(path, words);
  }

  /** @param name of a cgroup that is going, the last part of its path */
  forget(name: string): void {
    for (const path of this.#written.keys()) if (basename(path) === name) this.#written.delete(path);
  }
}

async function ensureV1(path: string, { shares, quota, memory, pids }: CgroupLimits): Promise<void> {
  const write = async (controller: string, file: string, value: number): Promise<void> => {
    const dir = join(cgroupRoot, controller, path);
    await mkdir(dir, { recursive: true });
    if (value > 0) await writeFile(join(dir, file), String(value));
  };
  await Promise.all([
    write("cpu", "cpu.shares", shares).then(() => write("cpu", "cpu.cfs_quota_us", quota)),
    write("memory", "memory.limit_in_bytes", memory),
    ...(pids > 0 ? [write("pids", "pids.max", pids)] : []),
  ]);
}

async function ensureV2(path: string, { shares, quota, memory, pids }: CgroupLimits): Promise<void> {
  const dir = await makeV2(path);
  await writeFile(join(dir, "cpu.weight"), String(1 + Math.floor(((shares - 2) * 9_999) / 262_142)));
  if (quota > 0) await writeFile(join(dir, "cpu.max"), `${quota} 100000`);
  if (memory > 0) await writeFile(join(dir, "memory.max"), String(memory));
  if (pids > 0) await writeFile(join(dir, "pids.max"), String(pids));
}

/** Each level hands its controllers down. */
async function makeV2(path: string): Promise<string> {
  const available = (await readFile(join(cgroupRoot, "cgroup.controllers"), "utf8")).trim().split(" ").filter((name) => controllersV2.includes(name));
  const handDown = (dir: string): Promise<void> => writeFile(join(dir, "cgroup.subtree_control"), available.map((name) => `+${name}`).join(" "));
  let dir = cgroupRoot;
  for (const part of path.split("/").filter((name) => name !== "")) {
    await handDown(dir);
    dir = join(dir, part);
    await mkdir(dir, { recursive: true });
  }
  await handDown(dir);
  return dir;
}
