import type { FileSystem } from "#base/file-system.ts";
import type { DiskUsage } from "../stats/disk-usage.ts";
import type { TreeSize } from "../stats/disk.ts";
import type { Family } from "./exposition.ts";

interface Measured { readonly fileSystem: FileSystem; readonly size: TreeSize }

const measures: readonly (readonly [name: string, help: string, of: (measured: Measured) => number])[] = [
  ["capacity_bytes", "Capacity in bytes of the volume", ({ fileSystem }) => fileSystem.capacity],
  ["available_bytes", "Number of available bytes in the volume", ({ fileSystem }) => fileSystem.available],
  ["used_bytes", "Number of used bytes in the volume", ({ size }) => size.bytes],
  ["inodes", "Maximum number of inodes in the volume", ({ fileSystem }) => fileSystem.inodes],
  ["inodes_free", "Number of free inodes in the volume", ({ fileSystem }) => fileSystem.inodesFree],
  ["inodes_used", "Number of used inodes in the volume", ({ size }) => size.inodes],
];

/** What claims hold, each told once, whatever pods share it. Upstream: pkg/kubelet/metrics/collectors/volume_stats.go */
export function volumeMetrics({ pods }: DiskUsage): Family[] {
  const claims = new Map<string, { readonly labels: Readonly<Record<string, string>>; readonly measured: Measured }>();
  for (const { volumes } of pods.values())
    for (const { claim, fileSystem, size } of volumes)
      if (claim !== undefined && fileSystem !== undefined)
        claims.set(`${claim.namespace}/${claim.name}`, { labels: { namespace: claim.namespace, persistentvolumeclaim: claim.name }, measured: { fileSystem, size } });
  return measures.map(([name, help, of]) => ({
    name: `kubelet_volume_stats_${name}`, help: `[ALPHA] ${help}`, type: "gauge",
    samples: [...claims.values()].map(({ labels, measured }) => ({ labels, value: of(measured) })),
  }));
}
