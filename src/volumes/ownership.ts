/** fsGroup: gives a volume to a group of the pod. Upstream: pkg/volume/volume_linux.go */
import { chmod, chown, lchown, readdir, type FileHandle } from "node:fs/promises";
import { isCode, openName, openRoot, pathOf } from "./beneath.ts";

export type GroupKind = "file" | "directory";

const SETGID = 0o2000;

/** A mode with what the group needs: reading, writing unless read-only, and in directories searching and inheritance. */
export function groupMode(mode: number, kind: GroupKind, readOnly: boolean): number {
  const granted = readOnly ? 0o440 : 0o660;
  return mode | granted | (kind === "directory" ? SETGID | 0o110 : 0);
}

export interface FsGroupOptions {
  /** `OnRootMismatch` looks at the volume's own directory only and does nothing when that is right. Default `Always`. */
  readonly policy?: "OnRootMismatch" | "Always";
  readonly readOnly?: boolean;
}

/** Gives everything beneath a directory, and itself last, to the group. Links are changed themselves, never what they lead to. */
export async function applyFsGroup(dir: string, fsGroup: number, options: FsGroupOptions = {}): Promise<void> {
  const root = await openRoot(dir);
  try {
    if (options.policy === "OnRootMismatch" && (await rootIsRight(root, fsGroup, options.readOnly === true))) return;
    await give(root, fsGroup, options.readOnly === true);
  } finally {
    await root.close();
  }
}

async function rootIsRight(root: FileHandle, fsGroup: number, readOnly: boolean): Promise<boolean> {
  const { mode, gid } = await root.stat();
  return gid === fsGroup && groupMode(mode & 0o7777, "directory", readOnly) === (mode & 0o7777);
}

/** Depth first, so that a run that was broken off is seen at the root and done again. */
async function give(place: FileHandle, fsGroup: number, readOnly: boolean): Promise<void> {
  const stat = await place.stat();
  if (stat.isSymbolicLink()) return;
  if (stat.isDirectory()) for (const name of await readdir(pathOf(place))) await giveName(place, name, fsGroup, readOnly);
  await chown(pathOf(place), stat.uid, fsGroup); // through the handle: the file itself, whatever now stands at its name
  await chmod(pathOf(place), groupMode(stat.mode & 0o7777, stat.isDirectory() ? "directory" : "file", readOnly));
}

async function giveName(dir: FileHandle, name: string, fsGroup: number, readOnly: boolean): Promise<void> {
  let place: FileHandle;
  try {
    place = await openName(dir, name);
  } catch (err) {
    if (isCode(err, "ENOENT")) return; // gone since it was listed
    throw err;
  }
  try {
    if ((await place.stat()).isSymbolicLink()) await lchown(`${pathOf(dir)}/${name}`, (await place.stat()).uid, fsGroup);
    else await give(place, fsGroup, readOnly);
  } catch (err) {
    if (!isCode(err, "ENOENT")) throw err;
  } finally {
    await place.close();
  }
}
