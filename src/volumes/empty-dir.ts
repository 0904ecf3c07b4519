import { Quantity } from "#apimachinery/quantity.ts";
import { makeDirectory, removeDirectory } from "./directory.ts";
import { applyFsGroup } from "./ownership.ts";
import type { Mount, VolumePlugin } from "./plugin.ts";

/** A directory that lives as long as its pod, on disk or in memory. Upstream: pkg/volume/emptydir */
export const emptyDirVolume: VolumePlugin = {
  name: "kubernetes.io/empty-dir",
  supports: ({ emptyDir }) => emptyDir !== undefined,
  async setUp(mount) {
    const { medium = "" } = mount.volume.emptyDir ?? {};
    if (medium !== "" && medium !== "Memory") throw new Error(medium.startsWith("HugePages") ? `emptyDir medium "${medium}" is not supported by this kubelet` : `unknown storage medium "${medium}"`);
    mount.certain?.();
    await makeDirectory(mount.dir, medium === "Memory" ? "memory" : "disk", sizeBytes(mount));
    const { fsGroup } = mount.pod.spec.securityContext ?? {};
    if (fsGroup !== undefined) await applyFsGroup(mount.dir, fsGroup, { policy: "OnRootMismatch" }); // it is ours from birth: what stands beneath a right root is right
    return { path: mount.dir };
  },
  tearDown: removeDirectory,
};

/** A memory volume is no larger than its limit, nor than all the memory its pod may use. Upstream: calculateEmptyDirMemorySize */
function sizeBytes({ pod, volume }: Mount): number | undefined {
  const sizes = [volume.emptyDir?.sizeLimit, pod.spec.resources?.limits?.["memory"], ...podMemory(pod.spec.containers.map((c) => c.resources?.limits?.["memory"]))];
  const known = sizes.flatMap((text) => (text === undefined ? [] : [Quantity.parse(text).value])).filter((bytes) => bytes > 0);
  return known.length === 0 ? undefined : Math.min(...known);
}

/** The sum of the containers' limits, as one text; nothing when one of them has none. */
function podMemory(limits: readonly (string | undefined)[]): string[] {
  if (limits.length === 0 || limits.includes(undefined)) return [];
  return [String(limits.reduce((sum, text) => sum + Quantity.parse(text ?? "0").value, 0))];
}
