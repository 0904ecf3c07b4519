import type { Clock } from "#base/clock.ts";
import { contentPlugin } from "./content-volume.ts";
import { configMapFiles, DEFAULT_MODE } from "./object-files.ts";
import type { VolumePlugin } from "./plugin.ts";

/** A ConfigMap's keys as files. Upstream: pkg/volume/configmap */
export const configMapVolume = (clock: Clock): VolumePlugin => contentPlugin(clock, {
  name: "kubernetes.io/configmap",
  medium: "disk",
  supports: ({ configMap }) => configMap !== undefined,
  collect(mount) {
    const { name = "", items, optional = false, defaultMode = DEFAULT_MODE } = mount.volume.configMap ?? {};
    return configMapFiles(mount, { name, items, optional, defaultMode });
  },
});
