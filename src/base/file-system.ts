import { statfs } from "node:fs/promises";

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
