import { createHash } from "node:crypto";
import { mkdir, readdir, rmdir } from "node:fs/promises";
import { join } from "node:path";
import { isCode } from "./beneath.ts";
import { removeDirectory } from "./directory.ts";
import { isMountPoint, mountSealed, unmountBeneath, type HostMount } from "./mounts.ts";
import type { VolumePlugin } from "./plugin.ts";

/** Where an image's files come from when they are mounted on the host. */
export interface ImageViews {
  /** How they are mounted. They stay for as long as the view is there, whatever becomes of the image; asking again for a key gives the same. */
  view(image: string, key: string): Promise<readonly HostMount[]>;
  /** One that is not there is fine. */
  remove(key: string): Promise<void>;
}

/**
 * An image's files, read-only and not to be executed. The kubelet pulls the image before a container starts and then has it
 * mounted: by the runtime, or by `mountImage` in the directory that is set up here. Upstream: pkg/volume/image
 */
export const imageVolume = (views: ImageViews | undefined): VolumePlugin => ({
  name: imageVolumeName,
  supports: ({ image }) => image !== undefined,
  async setUp({ dir }) {
    await mkdir(dir, { recursive: true, mode: 0o750 });
    return { path: dir, readOnly: true };
  },
  async tearDown(dir) {
    for (const name of await namesIn(dir)) await unmountImage(views, join(dir, name));
    await removeDirectory(dir);
  },
});

export const imageVolumeName = "kubernetes.io/image";

/** Mounts an image beneath a volume's directory and returns where: each image has its own place, so that a newer one of the same name disturbs nobody. Repeatable. */
export async function mountImage(views: ImageViews, dir: string, image: string): Promise<string> {
  const place = join(dir, createHash("sha256").update(image).digest("hex").slice(0, 16));
  if (await isMountPoint(place)) return place;
  await mkdir(place, { recursive: true, mode: 0o750 }); // first: by it the view is found when we end in between
  for (const mount of await views.view(image, place)) await mountSealed(mount, place);
  return place;
}

async function unmountImage(views: ImageViews | undefined, place: string): Promise<void> {
  await unmountBeneath(place);
  await views?.remove(place);
  await rmdir(place);
}

async function namesIn(dir: string): Promise<string[]> {
  try {
    return await readdir(dir);
  } catch (err) {
    if (isCode(err, "ENOENT")) return [];
    throw err;
  }
}
