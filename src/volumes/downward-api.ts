import type { Clock } from "#base/clock.ts";
import { contentPlugin } from "./content-volume.ts";
import { DEFAULT_MODE, downwardFiles } from "./object-files.ts";
import type { VolumePlugin } from "./plugin.ts";

/** The pod's own fields and resources as files. Upstream: pkg/volume/downwardapi */
export const downwardApiVolume = (clock: Clock): VolumePlugin => contentPlugin(clock, {
  name: "kubernetes.io/downward-api",
  medium: "memory",
  supports: ({ downwardAPI }) => downwardAPI !== undefined,
  async collect(mount) {
    const { items = [], defaultMode = DEFAULT_MODE } = mount.volume.downwardAPI ?? {};
    return downwardFiles(mount, items, defaultMode);
  },
});
