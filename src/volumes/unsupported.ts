import { rm } from "node:fs/promises";
import type { VolumePlugin } from "./plugin.ts";

/** Takes every volume that no other plugin takes, and says so in the pod's events. The last of the list. */
export const unsupportedVolume: VolumePlugin = {
  name: "kubernetes.io/unsupported",
  supports: () => true,
  setUp({ volume }) {
    const kind = Object.entries(volume).find(([key, value]) => key !== "name" && value !== undefined)?.[0] ?? "unknown";
    return Promise.reject(new Error(`no volume plugin matched: volumes of kind "${kind}" are not supported by this kubelet`));
  },
  tearDown: (dir) => rm(dir, { recursive: true, force: true }),
};
