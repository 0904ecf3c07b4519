import type { Clock } from "#base/clock.ts";
import { configMapVolume } from "./config-map.ts";
import { csiVolume } from "./csi/csi-volume.ts";
import type { CsiDeps } from "./csi/staging.ts";
import { downwardApiVolume } from "./downward-api.ts";
import { emptyDirVolume } from "./empty-dir.ts";
import { hostPathVolume } from "./host-path.ts";
import { imageVolume, type ImageViews } from "./image.ts";
import { persistentClaimVolume } from "./persistent-claim.ts";
import type { VolumePlugin } from "./plugin.ts";
import { projectedVolume } from "./projected.ts";
import { secretVolume } from "./secret.ts";
import { unsupportedVolume } from "./unsupported.ts";

export interface VolumeDeps {
  readonly clock: Clock;
  /** For images that the runtime cannot mount itself. */
  readonly imageViews?: ImageViews;
  readonly csi: CsiDeps;
}

/** Every volume kind, each volume taken by the first that supports it; the last takes what is left and refuses. */
export const volumePlugins = ({ clock, imageViews, csi }: VolumeDeps): readonly VolumePlugin[] => [
  emptyDirVolume,
  hostPathVolume,
  configMapVolume(clock),
  secretVolume(clock),
  downwardApiVolume(clock),
  projectedVolume(clock),
  csiVolume(csi),
  persistentClaimVolume(csi.rootDir),
  imageVolume(imageViews),
  unsupportedVolume,
];
