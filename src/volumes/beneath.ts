/**
 * Walking beneath a directory that somebody else may be changing: each step opens one name of an already open
 * directory without following links, through `/proc/self/fd`, so that no exchange of a directory for a link leads out.
 */
import { constants } from "node:fs";
import { open, readlink, type FileHandle } from "node:fs/promises";

/** `O_PATH`, which Node does not name: the same number on every architecture that Node runs on under Linux. */
const O_PATH = 0o10000000;
const MAX_LINKS = 40;

/** A path that leads out of its directory, or goes through a link where none may be. */
export class EscapeError extends Error {
  override readonly name = "EscapeError";
}

/** The path of an open handle: good for this process; `ofProcess` for a program started by it. */
export const pathOf = (handle: FileHandle): string => `/proc/self/fd/${handle.fd}`;
export const pathForChild = (handle: FileHandle): string => `/proc/${process.pid}/fd/${handle.fd}`;

/** Opens a directory itself as the place to walk from; links in its own path are followed, it is trusted. */
export const openRoot = (dir: string): Promise<FileHandle> => open(dir, O_PATH | constants.O_DIRECTORY);

/** Opens one name of a directory as a bare place, a link as the link itself. Throws ENOENT when there is none. */
export const openName = (dir: FileHandle, name: string): Promise<FileHandle> => open(`${pathOf(dir)}/${name}`, O_PATH | constants.O_NOFOLLOW);

/** Opens a place for reading; throws when it is not a regular file, so that no FIFO or device is ever waited for. */
export async function openFile(place: FileHandle): Promise<FileHandle> {
  if (!(await place.stat()).isFile()) throw new EscapeError("not a regular file");
  return await open(pathOf(place), constants.O_RDONLY | constants.O_NONBLOCK);
}

/** The names of a relative path. Throws `EscapeError` for an absolute one and for `..`. */
export function namesOf(path: string): string[] {
  if (path.startsWith("/")) throw new EscapeError(`path must be relative: ${path}`);
  const names = path.split("/").filter((name) => name !== "" && name !== ".");
  if (names.includes("..")) throw new EscapeError(`path must not contain '..': ${path}`);
  return names;
}

export interface WalkOptions {
  /** Links that stay beneath the directory may be followed. Default: any link is refused. */
  readonly links?: "inside";
  /** Called for a name that is missing; makes it (in `dir`), or throws. Default: ENOENT. */
  readonly missing?: (dir: FileHandle, name: string, cause: unknown) => Promise<void>;
}

/** Opens `path` beneath `root` as a bare place (`O_PATH`). The caller closes it. Throws `EscapeError` when it leads out. */
export async function openBeneath(root: string, path: string, options: WalkOptions = {}): Promise<FileHandle> {
  const trail: FileHandle[] = [await openRoot(root)];
  try {
    await walk(trail, namesOf(path), path, options);
    return trail.pop() as FileHandle;
  } finally {
    await Promise.all(trail.map((handle) => handle.close()));
  }
}

async function walk(trail: FileHandle[], names: string[], path: string, options: WalkOptions): Promise<void> {
  let links = 0;
  for (let name = names.shift(); name !== undefined; name = names.shift()) {
    if (name === "..") {
      if (trail.length === 1) throw new EscapeError(`${path} leads out of its directory`);
      await trail.pop()?.close();
      continue;
    }
    const dir = trail.at(-1) as FileHandle;
    const handle = await openOrMake(dir, name, options);
    trail.push(handle);
    if (!(await handle.stat()).isSymbolicLink()) continue;
    if (options.links !== "inside") throw new EscapeError(`${path} is or goes through a symbolic link`);
    if (++links > MAX_LINKS) throw new EscapeError(`${path}: too many symbolic links`);
    const target = await readlink(`${pathOf(dir)}/${name}`);
    if (target.startsWith("/")) throw new EscapeError(`${path} leads out of its directory`);
    await trail.pop()?.close();
    names.unshift(...target.split("/").filter((part) => part !== "" && part !== "."));
  }
}

async function openOrMake(dir: FileHandle, name: string, options: WalkOptions): Promise<FileHandle> {
  try {
    return await openName(dir, name);
  } catch (err) {
    if (options.missing === undefined || !isCode(err, "ENOENT")) throw err;
    await options.missing(dir, name, err);
    return await openName(dir, name);
  }
}

/** True for a system error with one of these codes (`ENOENT`). */
export const isCode = (err: unknown, ...codes: readonly string[]): boolean => err instanceof Error && "code" in err && codes.includes(String(err.code));
