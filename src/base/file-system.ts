import { readFile, stat, statfs } from "node:fs/promises";
import { join } from "node:path";

/** A file system as it is now, in bytes and inodes. */
export interface FileSystem {
  readonly capacity: number;
  readonly available: number;
  readonly used: number;
  readonly inodes: number;
  readonly inodesFree: number;
}

/** The file system that holds `path`; undefined when it is not there. */
export async function fileSystemOf(path: string): Promise<FileSystem | undefined> {
  const found = await statfs(path).catch(() => undefined);
  if (found === undefined) return undefined;
  const { bsize, blocks, bavail, bfree, files, ffree } = found;
  return { capacity: blocks * bsize, available: bavail * bsize, used: (blocks - bfree) * bsize, inodes: files, inodesFree: ffree };
}

/** How many bytes a block device holds; undefined of anything else. @param sys where the kernel tells of its devices */
export async function blockDeviceBytes(path: string, sys = "/sys/dev/block"): Promise<number | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isBlockDevice() !== true) return undefined;
  const sectors = await readFile(join(sys, deviceNumbers(found.rdev), "size"), "utf8").catch(() => undefined);
  return sectors === undefined ? undefined : Number(sectors) * 512;
}

/** As the kernel writes them: `8:1`. */
export function deviceNumbers(rdev: number): string {
  const device = BigInt(rdev);
  const major = ((device >> 8n) & 0xfffn) | ((device >> 32n) & 0xfffff000n);
  const minor = (device & 0xffn) | ((device >> 12n) & 0xffffff00n);
  return `${major}:${minor}`;
}
