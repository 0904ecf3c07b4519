import type { Clock } from "#base/clock.ts";
import { contentPlugin } from "./content-volume.ts";
import { DEFAULT_MODE, secretFiles } from "./object-files.ts";
import type { VolumePlugin } from "./plugin.ts";

/** A Secret's keys as files, in memory only. Upstream: pkg/volume/secret */
export const secretVolume = (clock: Clock): VolumePlugin => contentPlugin(clock, {
  name: "kubernetes.io/secret",
  medium: "memory",
  supports: ({ secret }) => secret !== undefined,
  collect(mount) {
    const { secretName = "", items, optional = false, defaultMode = DEFAULT_MODE } = mount.volume.secret ?? {};
    return secretFiles(mount, { name: secretName, items, optional, defaultMode });
  },
});
