/** Making and removing a volume's own directory. */
import { chmod, mkdir, rm } from "node:fs/promises";
import { isMountPoint, mountTmpfs, readMounts, unmountBeneath } from "./mounts.ts";

export type Medium = "disk" | "memory";

/** Makes the directory with mode 0777, or on a tmpfs, whose root has 1777 by itself; so upstream's emptyDir has it. Returns true when it was not there before. */
export async function makeDirectory(dir: string, medium: Medium, sizeBytes?: number): Promise<boolean> {
  const made = (await mkdir(dir, { recursive: true, mode: 0o777 })) !== undefined;
  if (medium === "memory" && !(await isMountPoint(dir))) {
    await mountTmpfs(dir, sizeBytes);
    return true;
  }
  if (made) await chmod(dir, 0o777); // whatever the umask says
  return made;
}

/** Takes off what is mounted at the directory or beneath it, then removes it with its content. Refuses to delete through a mount. */
export async function removeDirectory(dir: string): Promise<void> {
  await unmountBeneath(dir);
  if ((await readMounts()).some(({ path }) => path === dir || path.startsWith(`${dir}/`))) throw new Error(`${dir} still has mounts: not removed`);
  await rm(dir, { recursive: true, force: true });
}
