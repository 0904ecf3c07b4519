import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isCgroupV2 } from "../resources/cgroup-limits.ts";
import { usageV1, usageV2, type CgroupUsage } from "./cgroup-usage.ts";

/**
 * Reads cgroups by their path within the hierarchy, v1 or v2 as the machine has. Synchronously: the kernel answers from
 * memory in some microseconds, a thread of the pool would cost ten times that.
 */
export interface CgroupReader {
  /** Undefined when there is no such cgroup (any more). */
  usage(path: string): CgroupUsage | undefined;
  /** Any process that is directly in the cgroup. */
  somePid(path: string): number | undefined;
}

/** @param base where the hierarchies are mounted */
export function newCgroupReader(v2: boolean = isCgroupV2(), base: string = "/sys/fs/cgroup"): CgroupReader {
  return {
    usage: (path) => (v2 ? readV2(join(base, path)) : readV1(base, path)),
    somePid(path) {
      const [first = ""] = (textOf(join(base, v2 ? "" : "memory", path, "cgroup.procs")) ?? "").split("\n", 1);
      return first === "" ? undefined : Number(first);
    },
  };
}

/** Of a node whose runtime runs nothing. */
export const noCgroups: CgroupReader = { usage: () => undefined, somePid: () => undefined };

function readV1(base: string, path: string): CgroupUsage | undefined {
  const read = (controller: string, file: string): string => textOf(join(base, controller, path, file)) ?? "";
  const usage = read("cpuacct", "cpuacct.usage");
  const memory = read("memory", "memory.usage_in_bytes");
  if (usage === "" && memory === "") return undefined;
  return usageV1({
    "cpuacct.usage": usage, "cpuacct.usage_user": read("cpuacct", "cpuacct.usage_user"), "cpuacct.usage_sys": read("cpuacct", "cpuacct.usage_sys"), "cpu.stat": read("cpu", "cpu.stat"),
    "memory.usage_in_bytes": memory, "memory.stat": read("memory", "memory.stat"), "pids.current": read("pids", "pids.current"),
  });
}

function readV2(dir: string): CgroupUsage | undefined {
  const read = (file: string): string => textOf(join(dir, file)) ?? "";
  const [cpu, memory] = [read("cpu.stat"), read("memory.stat")];
  if (cpu === "" && memory === "") return undefined;
  return usageV2({
    "cpu.stat": cpu, "memory.stat": memory, "memory.current": read("memory.current"), "memory.max": read("memory.max"),
    "memory.swap.current": read("memory.swap.current"), "memory.swap.max": read("memory.swap.max"), "pids.current": read("pids.current"),
    "cpu.pressure": read("cpu.pressure"), "memory.pressure": read("memory.pressure"), "io.pressure": read("io.pressure"),
  });
}

/** Undefined for what is not there, or went while it was read. */
export function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
