import type { FileSystem } from "#base/file-system.ts";
import type { CsiDriver } from "#csi/driver.ts";
import type { VolumeUsage } from "#csi/gen/csi-v1.ts";

const timeoutMs = 10_000;

/** What a driver says of a volume that it has published at `path`; undefined from one that does not tell. Upstream: pkg/volume/csi metricsCsi */
export async function usageOf(driver: CsiDriver, volumeId: string, path: string): Promise<FileSystem | undefined> {
  if (!(await driver.capabilities()).has("GET_VOLUME_STATS")) return undefined;
  const { usage = [] } = await driver.node.nodeGetVolumeStats({ volumeId, volumePath: path }, { timeoutMs });
  return fileSystemFrom(usage);
}

/** Undefined when nothing is said of bytes. */
function fileSystemFrom(usage: readonly VolumeUsage[]): FileSystem | undefined {
  const [bytes, inodes] = [usage.find(({ unit }) => unit === "BYTES"), usage.find(({ unit }) => unit === "INODES")];
  if (bytes === undefined) return undefined;
  const number = (text: string | undefined): number => Number(text ?? 0);
  return { capacity: number(bytes.total), available: number(bytes.available), used: number(bytes.used), inodes: number(inodes?.total), inodesFree: number(inodes?.total) - number(inodes?.used) };
}
