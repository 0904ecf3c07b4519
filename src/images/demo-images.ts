import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { busyboxLayer } from "./busybox.ts";
import { cacheDir } from "./cache-dir.ts";
import { mariadbConfig, mariadbLayers } from "./mariadb.ts";
import { nginxConfig, nginxLayers } from "./nginx.ts";
import { ociArchive, type Image } from "./oci-archive.ts";
import type { Architecture } from "./pause.ts";

/** Images that can be made without a registry, out of this machine's and its distribution's files. */
export const demoImages = { busybox: "seedpod.local/busybox:1", nginx: "seedpod.local/nginx:1", mariadb: "seedpod.local/mariadb:1" } as const;

/** What is built together: what most examples need, and the database, which is larger. */
export type DemoSet = "demo" | "mariadb";
type Progress = (step: string) => void;

/** Raised whenever what is built changes: older archives are then built anew. */
const recipe = "1";

const builders: Readonly<Record<DemoSet, (architecture: Architecture, work: string, progress: Progress) => Promise<Image[]>>> = {
  async demo(architecture, work, progress) {
    progress(`building ${demoImages.busybox} from a static busybox`);
    const busybox = await busyboxLayer(work);
    progress(`building ${demoImages.nginx} from the distribution's nginx package`);
    const nginx = await nginxLayers(work);
    return [
      { name: demoImages.busybox, architecture, layers: [busybox], config: { Cmd: ["sh"] } },
      { name: demoImages.nginx, architecture, layers: [busybox, ...nginx], config: nginxConfig },
    ];
  },
  async mariadb(architecture, work, progress) {
    progress(`building ${demoImages.mariadb} from the distribution's MariaDB packages`);
    return [{ name: demoImages.mariadb, architecture, layers: [await busyboxLayer(work), ...(await mariadbLayers(work))], config: mariadbConfig }];
  },
};

/** The archive of a set of demo images: from the cache, or built (some seconds and a download from the distribution). Throws when a program or a package is missing. @param progress told each long step */
export async function demoArchive(architecture: Architecture, progress: Progress, set: DemoSet = "demo", dir: string = join(cacheDir(), "images")): Promise<string> {
  const path = join(dir, `${set}-${architecture}-${recipe}.tar`);
  if (existsSync(path)) return path;
  mkdirSync(dir, { recursive: true });
  const work = mkdtempSync(join(tmpdir(), "seedpod-images-"));
  try {
    writeFileSync(`${path}.new`, await ociArchive(await builders[set](architecture, work, progress)));
    renameSync(`${path}.new`, path);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return path;
}
