import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { busyboxLayer } from "./busybox.ts";
import { cacheDir } from "./cache-dir.ts";
import { nginxConfig, nginxLayers } from "./nginx.ts";
import { ociArchive } from "./oci-archive.ts";
import type { Architecture } from "./pause.ts";

/** Images that can be made without a registry, out of this machine's and its distribution's files. */
export const demoImages = { busybox: "seedpod.local/busybox:1", nginx: "seedpod.local/nginx:1" } as const;

/** Raised whenever what is built changes: older archives are then built anew. */
const recipe = "1";

/** The archive of the demo images: from the cache, or built (some seconds and a download from the distribution). Throws when a program or a package is missing. @param progress told each long step */
export async function demoArchive(architecture: Architecture, progress: (step: string) => void, dir: string = join(cacheDir(), "images")): Promise<string> {
  const path = join(dir, `demo-${architecture}-${recipe}.tar`);
  if (existsSync(path)) return path;
  mkdirSync(dir, { recursive: true });
  const work = mkdtempSync(join(tmpdir(), "seedpod-images-"));
  try {
    progress("building seedpod.local/busybox:1 from a static busybox");
    const busybox = await busyboxLayer(work);
    progress("building seedpod.local/nginx:1 from the distribution's nginx package");
    const nginx = await nginxLayers(work);
    const archive = await ociArchive([
      { name: demoImages.busybox, architecture, layers: [busybox], config: { Cmd: ["sh"] } },
      { name: demoImages.nginx, architecture, layers: [busybox, ...nginx], config: nginxConfig },
    ]);
    writeFileSync(`${path}.new`, archive);
    renameSync(`${path}.new`, path);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return path;
}
