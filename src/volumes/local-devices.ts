/** Block devices of this node whose file systems pods use: mounted before the first of them, taken off after the last. Upstream: pkg/volume/local deviceMounter */
import { glob, mkdir, readdir, rmdir } from "node:fs/promises";
import { join } from "node:path";
import type { PersistentVolume } from "#api/gen/core-v1.ts";
import { KeyedLock } from "#base/keyed-lock.ts";
import { isCode } from "./beneath.ts";
import { formatAndMount } from "./format-and-mount.ts";
import { isMountPoint, unmount } from "./mounts.ts";

export class LocalDevices {
  readonly #rootDir: string;
  readonly #directory: string;
  readonly #locks = new KeyedLock();

  /** @param rootDir the kubelet's @param directory of the plugin's volumes in that of a pod: a volume that is there is in use */
  constructor(rootDir: string, directory: string) {
    this.#rootDir = rootDir;
    this.#directory = directory;
  }

  /** Returns where the volume's file system stands. To be called when the pod's own directory of the volume is there. */
  async mount({ metadata: { name }, spec: { local, mountOptions = [] } }: PersistentVolume): Promise<string> {
    const target = this.#at(name);
    await this.#locks.run(name, async () => {
      await mkdir(target, { recursive: true, mode: 0o750 });
      if (!(await isMountPoint(target))) await formatAndMount(local?.path ?? "", target, { options: mountOptions, ...(local?.fsType !== undefined && local.fsType !== "" && { fsType: local.fsType }) });
    });
    return target;
  }

  /** Takes a volume off that no pod has any more; one that was never mounted is fine. */
  async release(name: string): Promise<void> {
    await this.#locks.run(name, async () => {
      for await (const _ of glob(join("pods/*/volumes", this.#directory, name), { cwd: this.#rootDir })) return;
      await unmount(this.#at(name));
      await rmdir(this.#at(name)).catch((err: unknown) => {
        if (!isCode(err, "ENOENT")) throw err;
      });
    });
  }

  async releaseAll(): Promise<void> {
    for (const name of await readdir(this.#at("")).catch((): string[] => [])) await this.release(name);
  }

  #at(name: string): string {
    return join(this.#rootDir, "plugins/kubernetes.io/local-volume/mounts", name);
  }
}
