/** What the kernel says of a cgroup, read from its files' texts: nothing here touches a disk. */

import { parsePressure, resources, type Pressure, type Resource } from "./pressure.ts";

/** CPU time and memory of one cgroup and all beneath it. Times in nanoseconds, sizes in bytes. */
export interface CgroupUsage {
  readonly cpu: number;
  readonly userCpu: number;
  readonly systemCpu: number;
  /** Of the CPU quota: periods, those in which it was used up, and the time waited. */
  readonly periods: number;
  readonly throttledPeriods: number;
  readonly throttled: number;
  readonly memory: number;
  /** Memory that cannot be taken back without hurting. */
  readonly workingSet: number;
  readonly rss: number;
  readonly cache: number;
  readonly mappedFile: number;
  readonly swap: number;
  /** Undefined when there is no limit, or nobody knows of one (v1). */
  readonly swapLimit: number | undefined;
  readonly pageFaults: number;
  readonly majorPageFaults: number;
  /** Undefined when there is no limit. */
  readonly memoryLimit: number | undefined;
  readonly pids: number;
  /** Of what the kernel tells: nothing on v1. */
  readonly pressure: Readonly<Partial<Record<Resource, Pressure>>>;
}

/** The files of a v1 hierarchy that are read, by name. */
export type TextsV1 = Readonly<Record<"cpuacct.usage" | "cpuacct.usage_user" | "cpuacct.usage_sys" | "cpu.stat" | "memory.usage_in_bytes" | "memory.stat" | "pids.current", string>>;

/** The files of a v2 cgroup that are read; the root has but the first two and those of pressure. */
export type TextsV2 = Readonly<Record<"cpu.stat" | "memory.stat" | "memory.current" | "memory.max" | "memory.swap.current" | "memory.swap.max" | "pids.current" | `${Resource}.pressure`, string>>;

/** More than any machine has: the kernel's way to say that there is no limit. */
const unlimited = 2 ** 62;

/** Upstream: cadvisor container/libcontainer/handler.go newContainerStats, runc libcontainer/cgroups/fs */
export function usageV1(texts: TextsV1): CgroupUsage {
  const memory = fields(texts["memory.stat"]);
  const cpu = fields(texts["cpu.stat"]);
  const usage = number(texts["memory.usage_in_bytes"]);
  const limit = memory("hierarchical_memory_limit");
  return {
    cpu: number(texts["cpuacct.usage"]), userCpu: number(texts["cpuacct.usage_user"]), systemCpu: number(texts["cpuacct.usage_sys"]),
    periods: cpu("nr_periods"), throttledPeriods: cpu("nr_throttled"), throttled: cpu("throttled_time"),
    memory: usage, workingSet: Math.max(0, usage - memory("total_inactive_file")),
    rss: memory("total_rss"), cache: memory("total_cache"), mappedFile: memory("total_mapped_file"), swap: memory("total_swap"), swapLimit: undefined,
    pageFaults: memory("total_pgfault"), majorPageFaults: memory("total_pgmajfault"),
    memoryLimit: limit === 0 || limit >= unlimited ? undefined : limit, pids: number(texts["pids.current"]), pressure: {},
  };
}

/** Upstream: runc libcontainer/cgroups/fs2 (the root's memory is what its processes and its page cache hold) */
export function usageV2(texts: TextsV2): CgroupUsage {
  const memory = fields(texts["memory.stat"]);
  const cpu = fields(texts["cpu.stat"]);
  const usage = texts["memory.current"] === "" ? memory("anon") + memory("file") : number(texts["memory.current"]);
  return {
    cpu: cpu("usage_usec") * 1_000, userCpu: cpu("user_usec") * 1_000, systemCpu: cpu("system_usec") * 1_000,
    periods: cpu("nr_periods"), throttledPeriods: cpu("nr_throttled"), throttled: cpu("throttled_usec") * 1_000,
    memory: usage, workingSet: Math.max(0, usage - memory("inactive_file")),
    rss: memory("anon"), cache: memory("file"), mappedFile: memory("file_mapped"), swap: number(texts["memory.swap.current"]), swapLimit: limitOf(texts["memory.swap.max"]),
    pageFaults: memory("pgfault"), majorPageFaults: memory("pgmajfault"),
    memoryLimit: limitOf(texts["memory.max"]), pids: number(texts["pids.current"]), pressure: pressureOf(texts),
  };
}

const pressureOf = (texts: TextsV2): CgroupUsage["pressure"] =>
  Object.fromEntries(resources.map((resource) => [resource, parsePressure(texts[`${resource}.pressure`])] as const).filter(([, pressure]) => pressure !== undefined));

const limitOf = (text: string): number | undefined => (["", "max"].includes(text.trim()) ? undefined : number(text));

/** Reads lines of `name value`; what is not there is 0. */
function fields(text: string): (name: string) => number {
  const values = new Map(text.split("\n").map((line) => line.split(" ")).map(([name = "", value = "0"]) => [name, Number(value)]));
  return (name) => values.get(name) ?? 0;
}

const number = (text: string): number => Number(text.trim() || 0);
