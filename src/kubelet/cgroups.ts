/** A cgroup per pod, `<parent>/[burstable|besteffort/]pod<uid>`, on cgroup v1 (also hybrid) and v2. Upstream: pkg/kubelet/cm/pod_container_manager_linux.go */
import { existsSync } from "node:fs";
import { lstat, mkdir, readdir, readFile, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "#base/clock.ts";
import type { Pod } from "#api/gen/core-v1.ts";
import { uidOf } from "./names.ts";
import { allLimited, cpuQuotaUs, cpuShares, memoryBytes, milliCpu, podAmount, qosOf } from "./resources.ts";

const root = "/sys/fs/cgroup";
const controllersV2 = ["cpuset", "cpu", "io", "memory", "hugetlb", "pids"];
const removeTries = 20;
const removePauseMs = 25;

export const isCgroupV2 = (): boolean => existsSync(join(root, "cgroup.controllers"));

export interface PodCgroups {
  /** Where a pod's containers belong. */
  pathOf(pod: Pod): string;
  /** Makes the pod's cgroup with its limits. Repeatable. Throws when the kernel refuses. @param before the pod as its containers are: no limit is lower than its */
  ensure(pod: Pod, before?: Pod): Promise<void>;
  /** Removes a pod's cgroup whatever its class; its processes are gone already, or about to be. */
  remove(uid: string, signal: AbortSignal): Promise<void>;
  /** The pods that have a cgroup, by uid: after a restart some of them may be nobody's. */
  list(): Promise<string[]>;
}

/** Of a node whose runtime runs nothing. */
export const hollowCgroups: PodCgroups = {
  pathOf: (pod) => `/pod${uidOf(pod)}`,
  ensure: async () => {},
  remove: async () => {},
  list: async () => [],
};

export class Cgroups implements PodCgroups {
  readonly #parent: string;
  readonly #clock: Clock;
  readonly #v2: boolean = isCgroupV2();

  /** @param parent absolute within the hierarchy, such as `/seedpod-1a2b` */
  constructor(parent: string, clock: Clock) {
    this.#parent = parent;
    this.#clock = clock;
  }

  pathOf(pod: Pod): string {
    const qos = qosOf(pod);
    return join(this.#parent, qos === "Guaranteed" ? "" : qos.toLowerCase(), `pod${uidOf(pod)}`);
  }

  async ensure(pod: Pod, before?: Pod): Promise<void> {
    const path = this.pathOf(pod);
    const { shares, quota, memory } = before === undefined ? limitsOf(pod) : looser(limitsOf(pod), limitsOf(before));
    if (this.#v2) await ensureV2(path, shares, quota, memory);
    else await ensureV1(path, shares, quota, memory);
  }

  async remove(uid: string, signal: AbortSignal): Promise<void> {
    for (const dir of await this.#dirsOf(uid)) await this.#removeTree(dir, signal);
  }

  async list(): Promise<string[]> {
    const tiers = (await this.#hierarchies()).flatMap((h) => ["", "burstable", "besteffort"].map((tier) => join(h, this.#parent, tier)));
    const names = await Promise.all(tiers.map((dir) => readdir(dir).catch((): string[] => [])));
    return [
      ...new Set(
        names
          .flat()
          .filter((name) => name.startsWith("pod"))
          .map((name) => name.slice(3)),
      ),
    ];
  }

  async #dirsOf(uid: string): Promise<string[]> {
    return (await this.#hierarchies())
      .flatMap((h) => ["", "burstable", "besteffort"].map((tier) => join(h, this.#parent, tier, `pod${uid}`)))
      .filter((dir) => existsSync(dir));
  }

  async #hierarchies(): Promise<string[]> {
    return this.#v2 ? [root] : hierarchiesV1();
  }

  async #removeTree(dir: string, signal: AbortSignal): Promise<void> {
    const entries = await readdir(dir, { withFileTypes: true }).catch(() => []);
    for (const entry of entries) if (entry.isDirectory()) await this.#removeTree(join(dir, entry.name), signal);
    for (let left = removeTries; left > 0; left--) {
      try {
        return await rmdir(dir);
      } catch (err) {
        if (codeOf(err) === "ENOENT") return;
        if (left === 1 || codeOf(err) !== "EBUSY") throw err;
        await this.#clock.sleep(removePauseMs, signal);
      }
    }
  }
}

interface PodLimits {
  readonly shares: number;
  /** 0 means no limit, here and below. */
  readonly quota: number;
  readonly memory: number;
}

const limitsOf = (pod: Pod): PodLimits => ({
  shares: qosOf(pod) === "BestEffort" ? cpuShares(0) : cpuShares(podAmount(pod, "requests", milliCpu)),
  quota: allLimited(pod, "cpu") ? cpuQuotaUs(podAmount(pod, "limits", milliCpu)) : 0,
  memory: allLimited(pod, "memory") ? podAmount(pod, "limits", memoryBytes) : 0,
});

function looser(a: PodLimits, b: PodLimits): PodLimits {
  const limit = (x: number, y: number): number => (x === 0 || y === 0 ? 0 : Math.max(x, y));
  return { shares: Math.max(a.shares, b.shares), quota: limit(a.quota, b.quota), memory: limit(a.memory, b.memory) };
}

async function ensureV1(path: string, shares: number, quota: number, memory: number): Promise<void> {
  const cpu = join(root, "cpu", path);
  const mem = join(root, "memory", path);
  await Promise.all([mkdir(cpu, { recursive: true }), mkdir(mem, { recursive: true })]);
  await Promise.all([
    writeFile(join(cpu, "cpu.shares"), String(shares)),
    ...(quota > 0 ? [writeFile(join(cpu, "cpu.cfs_quota_us"), String(quota))] : []),
    ...(memory > 0 ? [writeFile(join(mem, "memory.limit_in_bytes"), String(memory))] : []),
  ]);
}

async function ensureV2(path: string, shares: number, quota: number, memory: number): Promise<void> {
  const available = (await readFile(join(root, "cgroup.controllers"), "utf8"))
    .trim()
    .split(" ")
    .filter((name) => controllersV2.includes(name));
  let dir = root;
  for (const part of path.split("/").filter((name) => name !== "")) {
    await writeFile(join(dir, "cgroup.subtree_control"), available.map((name) => `+${name}`).join(" "));
    dir = join(dir, part);
    await mkdir(dir, { recursive: true });
  }
  await writeFile(join(dir, "cgroup.subtree_control"), available.map((name) => `+${name}`).join(" "));
  await writeFile(join(dir, "cpu.weight"), String(1 + Math.floor(((shares - 2) * 9_999) / 262_142)));
  if (quota > 0) await writeFile(join(dir, "cpu.max"), `${quota} 100000`);
  if (memory > 0) await writeFile(join(dir, "memory.max"), String(memory));
}

/** Every v1 hierarchy that is mounted, the unified one of a hybrid machine among them; links (`cpu,cpuacct`) once. */
async function hierarchiesV1(): Promise<string[]> {
  const dirs = (await readdir(root)).map((name) => join(root, name));
  const real = await Promise.all(dirs.map(async (dir) => ((await lstat(dir)).isDirectory() ? dir : undefined)));
  return real.filter((dir) => dir !== undefined);
}

const codeOf = (err: unknown): string => (err instanceof Error && "code" in err ? String(err.code) : "");
