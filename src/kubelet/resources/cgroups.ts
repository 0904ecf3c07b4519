/** A cgroup per pod, `<parent>/[burstable|besteffort/]pod<uid>`, on cgroup v1 (also hybrid) and v2. Upstream: pkg/kubelet/cm/pod_container_manager_linux.go */
import { existsSync } from "node:fs";
import { lstat, readdir, readFile, rmdir } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "#base/clock.ts";
import type { Pod } from "#api/gen/core-v1.ts";
import { cgroupRoot as root, ensureCgroup, isCgroupV2, LastingLimits, type CgroupLimits } from "./cgroup-limits.ts";
import { uidOf } from "../names.ts";
import { allLimited, cpuQuotaUs, cpuShares, leastShares, mostShares, podAmount, qosOf } from "./resources.ts";

const removeTries = 20;
const removePauseMs = 25;

export interface PodCgroups {
  /** Where a pod's containers belong. */
  pathOf(pod: Pod): string;
  /** Bounds all pods together. Throws when the kernel refuses. */
  limitAll(limits: CgroupLimits): Promise<void>;
  /** Makes the pod's cgroup with its limits. Repeatable. Throws when the kernel refuses. @param before the pod as its containers are: no limit is lower than its */
  ensure(pod: Pod, before?: Pod): Promise<void>;
  /** Bytes that all in the pod's cgroup use now; 0 where it cannot be said. */
  memoryUsage(pod: Pod): Promise<number>;
  /** Removes a pod's cgroup whatever its class; its processes are gone already, or about to be. */
  remove(uid: string, signal: AbortSignal): Promise<void>;
  /** The pods that have a cgroup, by uid: after a restart some of them may be nobody's. */
  list(): Promise<string[]>;
}

/** Of a node whose runtime runs nothing. */
export const hollowCgroups: PodCgroups = {
  pathOf: (pod) => `/pod${uidOf(pod)}`,
  limitAll: async () => {},
  ensure: async () => {},
  memoryUsage: async () => 0,
  remove: async () => {},
  list: async () => [],
};

export class Cgroups implements PodCgroups {
  readonly #parent: string;
  readonly #clock: Clock;
  readonly #v2: boolean = isCgroupV2();
  readonly #podPids: number;
  /** By pod: what the tier of those that ask for some, but not for all they may use, owes them together. */
  readonly #burstable = new Map<string, number>();
  readonly #limits = new LastingLimits();

  /** @param parent absolute within the hierarchy, such as `/seedpod-1a2b` @param podPids how many processes a pod may have; 0 or less: any number */
  constructor(parent: string, clock: Clock, podPids: number = 0) {
    this.#parent = parent;
    this.#clock = clock;
    this.#podPids = Math.max(0, podPids);
  }

  async limitAll(limits: CgroupLimits): Promise<void> {
    await ensureCgroup(this.#parent, limits);
  }

  pathOf(pod: Pod): string {
    const qos = qosOf(pod);
    return join(this.#parent, qos === "Guaranteed" ? "" : qos.toLowerCase(), `pod${uidOf(pod)}`);
  }

  async ensure(pod: Pod, before?: Pod): Promise<void> {
    const path = this.pathOf(pod);
    const limits = limitsOf(pod, this.#podPids);
    await this.#ensureTier(pod, limits.shares);
    await this.#limits.ensure(path, before === undefined ? limits : looser(limits, limitsOf(before, this.#podPids)));
  }

  async memoryUsage(pod: Pod): Promise<number> {
    const file = this.#v2 ? join(root, this.pathOf(pod), "memory.current") : join(root, "memory", this.pathOf(pod), "memory.usage_in_bytes");
    return Number(await readFile(file, "utf8").catch(() => "0"));
  }

  /** Pods that ask for nothing share what hardly counts; those in between share what they ask for together. Upstream: cm/qos_container_manager_linux.go */
  async #ensureTier(pod: Pod, shares: number): Promise<void> {
    const qos = qosOf(pod);
    if (qos === "Guaranteed" || this.#burstable.get(uidOf(pod)) === shares) return;
    if (qos === "Burstable") this.#burstable.set(uidOf(pod), shares);
    const together = qos === "BestEffort" ? 0 : [...this.#burstable.values()].reduce((sum, share) => sum + share, 0);
    await this.#limits.ensure(join(this.#parent, qos.toLowerCase()), { shares: Math.min(mostShares, Math.max(leastShares, together)), quota: 0, memory: 0, pids: 0 });
  }

  async remove(uid: string, signal: AbortSignal): Promise<void> {
    this.#burstable.delete(uid);
    this.#limits.forget(`pod${uid}`);
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

const limitsOf = (pod: Pod, pids: number): CgroupLimits => ({
  shares: qosOf(pod) === "BestEffort" ? cpuShares(0) : cpuShares(podAmount(pod, "requests", "cpu")),
  quota: allLimited(pod, "cpu") ? cpuQuotaUs(podAmount(pod, "limits", "cpu")) : 0,
  memory: allLimited(pod, "memory") ? podAmount(pod, "limits", "memory") : 0,
  pids,
});

function looser(a: CgroupLimits, b: CgroupLimits): CgroupLimits {
  const limit = (x: number, y: number): number => (x === 0 || y === 0 ? 0 : Math.max(x, y));
  return { shares: Math.max(a.shares, b.shares), quota: limit(a.quota, b.quota), memory: limit(a.memory, b.memory), pids: a.pids };
}

/** Every v1 hierarchy that is mounted, the unified one of a hybrid machine among them; links (`cpu,cpuacct`) once. */
async function hierarchiesV1(): Promise<string[]> {
  const dirs = (await readdir(root)).map((name) => join(root, name));
  const real = await Promise.all(dirs.map(async (dir) => ((await lstat(dir)).isDirectory() ? dir : undefined)));
  return real.filter((dir) => dir !== undefined);
}

const codeOf = (err: unknown): string => (err instanceof Error && "code" in err ? String(err.code) : "");
