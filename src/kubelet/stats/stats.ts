import { uptime } from "node:os";
import type { Pod } from "#api/gen/core-v1.ts";
import type { Clock } from "#base/clock.ts";
import { memoryInfo, threadCount } from "../node/node-info.ts";
import { Measurements, TreeSizes } from "./disk.ts";
import { diskUsage, type DiskDeps, type DiskUsage } from "./disk-usage.ts";
import { Sampler, type NodeSample, type SamplerDeps } from "./sampler.ts";
import { summary } from "./summary.ts";

/** What the kubelet measures, for whoever asks. */
export interface Stats {
  /** CPU, memory and network, from the kernel's memory: cheap. */
  look(): Promise<NodeSample>;
  /** What these pods hold on the disks, counted at most a minute ago. */
  disk(pods: readonly Pod[]): Promise<DiskUsage>;
  /** The body of `/stats/summary`. Disks are counted unless only CPU and memory are asked for. */
  summary(onlyCpuAndMemory: boolean): Promise<Readonly<Record<string, unknown>>>;
}

/** One look at the node's numbers, shared by all who ask within a second. */
export function newStats(deps: SamplerDeps & Omit<DiskDeps, "sizes" | "told"> & { readonly nodeName: string; readonly clock: Clock }): Stats {
  const sampler = new Sampler(deps);
  const disks: DiskDeps = { ...deps, sizes: new TreeSizes(deps.clock), told: new Measurements(deps.clock) };
  return {
    look: () => sampler.look(),
    disk: (pods) => diskUsage(disks, pods),
    async summary(onlyCpuAndMemory) {
      const sample = await sampler.look();
      const [disk, memory, threads] = await Promise.all([onlyCpuAndMemory ? undefined : diskUsage(disks, sample.pods.map(({ pod }) => pod)), memoryInfo(), threadCount()]);
      return summary(sample, disk, { name: deps.nodeName, bootedAt: deps.clock.now() - uptime() * 1_000, memoryBytes: memory.totalBytes, threads });
    },
  };
}
