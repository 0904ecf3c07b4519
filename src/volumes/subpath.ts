/**
 * `subPath` of a volume mount: the place beneath the volume is opened name by name and the open handle is bind-mounted,
 * so that a pod that exchanges a directory for a link never shows its containers the host (CVE-2017-1002101, CVE-2021-25741).
 */
import { constants } from "node:fs";
import { chmod, mkdir, open, rm, rmdir, stat, type FileHandle } from "node:fs/promises";
import { dirname, join } from "node:path";
import { EscapeError, isCode, namesOf, openBeneath, pathForChild, pathOf } from "./beneath.ts";
import { bindMount, isMountPoint, readMounts, unmount, unmountBeneath } from "./mounts.ts";

export interface SubPath {
  /** `<root>/pods/<uid>`; its mounts are kept in `volume-subpaths/`. */
  readonly podDir: string;
  readonly volumeName: string;
  readonly containerName: string;
  /** Which of the container's volume mounts. */
  readonly index: number;
  /** `MountedVolume.path`. */
  readonly volumePath: string;
  /** Already expanded when it was a `subPathExpr`. */
  readonly subPath: string;
}

/**
 * Makes a sub path of a volume stand at a path of the pod's own, and returns that. A missing sub path is made a directory with
 * the volume's rights. Called again before each start of the container. Links are followed as long as they stay in the volume.
 * Throws upstream's message when the path leads out.
 */
export async function mountSubPath(sub: SubPath): Promise<string> {
  const target = join(subPathsOf(sub.podDir), sub.volumeName, sub.containerName, String(sub.index));
  const place = await openSubPath(sub);
  try {
    const wanted = await place.stat();
    if (await isMountPoint(target)) {
      const mounted = await stat(target).catch(() => undefined);
      if (mounted?.dev === wanted.dev && mounted.ino === wanted.ino) return target;
      await unmount(target);
    }
    await makeTarget(target, wanted.isDirectory());
    await bindMount(pathForChild(place), target);
    return target;
  } finally {
    await place.close();
  }
}

/** Undoes every `mountSubPath` of a pod, also after a restart, also when half done. */
export async function unmountSubPaths(podDir: string): Promise<void> {
  const dir = subPathsOf(podDir);
  await unmountBeneath(dir);
  if ((await readMounts()).some(({ path }) => path.startsWith(`${dir}/`))) throw new Error(`${dir} still has mounts`);
  await rm(dir, { recursive: true, force: true });
}

const subPathsOf = (podDir: string): string => join(podDir, "volume-subpaths");

async function openSubPath({ volumePath, subPath }: SubPath): Promise<FileHandle> {
  const { mode } = await stat(volumePath);
  namesOf(subPath);
  try {
    return await openBeneath(volumePath, subPath, {
      links: "inside",
      missing: async (dir, name) => {
        await mkdir(`${pathOf(dir)}/${name}`).catch((err: unknown) => { if (!isCode(err, "EEXIST")) throw err; });
        const made = await open(`${pathOf(dir)}/${name}`, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_DIRECTORY);
        await made.chmod(mode & 0o7777).finally(() => made.close());
      },
    });
  } catch (err) {
    if (!(err instanceof EscapeError)) throw err;
    throw new EscapeError(`failed to prepare subPath for volumeMount: subpath "${subPath}" not within volume path: ${err.message}`, { cause: err });
  }
}

async function makeTarget(target: string, directory: boolean): Promise<void> {
  await mkdir(dirname(target), { recursive: true, mode: 0o750 });
  const old = await stat(target).catch(() => undefined);
  if (old !== undefined && old.isDirectory() !== directory) await (old.isDirectory() ? rmdir(target) : rm(target));
  if (directory) await mkdir(target, { recursive: true });
  else await (await open(target, "a", 0o640)).close();
  if (directory) await chmod(target, 0o750);
}
