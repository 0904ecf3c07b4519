/**
 * Replaces the whole content of a directory at once, as its readers see it. Upstream: pkg/volume/util/atomic_writer.go
 *
 *   name            → ..data/name                     one link for each first name of the payload
 *   ..data          → ..2006_01_02_15_04_05.123456789 exchanged by one rename
 *   ..2006_…/name   the files
 *
 * Everything happens beneath the directory: a `..data` that leads elsewhere is replaced, never followed.
 */
import { chmod, chown, lchown, lstat, mkdir, mkdtemp, open, readFile, readdir, readlink, rename, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Clock } from "#base/clock.ts";
import { isCode } from "./beneath.ts";
import { groupMode, type GroupKind } from "./ownership.ts";
import { cleanPath, pathProblem, type Payload, type PayloadFile } from "./payload.ts";

const DATA = "..data";
const DATA_NEXT = "..data_tmp";
const GENERATION = /^\.\.\d{4}_\d\d_\d\d_\d\d_\d\d_\d\d\.[0-9A-Za-z]+$/;

export interface WriteOptions {
  readonly clock: Clock;
  /** Files and directories get this group and the rights that reading needs. */
  readonly fsGroup?: number;
}

/** Makes `dir` (which exists) hold exactly the payload. Returns false when it already did, and then touches nothing. Throws for a path that may not be. */
export async function writeAtomically(dir: string, payload: Payload, options: WriteOptions): Promise<boolean> {
  const files = finished(payload, options.fsGroup);
  const current = await currentGeneration(dir);
  if (current !== undefined && (await holds(join(dir, current), files)) && (await linksMissing(dir, files)).length === 0) return false;
  const next = await writeGeneration(dir, files, options);
  await exchange(dir, next);
  for (const name of await linksMissing(dir, files)) await replaceLink(dir, name, `${DATA}/${name}`);
  await removeStale(dir, next, new Set(firstNames(files)));
  return true;
}

interface FinishedFile extends PayloadFile { readonly gid: number }

function finished(payload: Payload, fsGroup: number | undefined): Map<string, FinishedFile> {
  const files = new Map<string, FinishedFile>();
  for (const [path, file] of payload) {
    const problem = pathProblem(path);
    if (problem !== undefined) throw new Error(problem);
    files.set(cleanPath(path), { ...file, mode: rights(file.mode, "file", fsGroup), gid: fsGroup ?? 0 });
  }
  return files;
}

const rights = (mode: number, kind: GroupKind, fsGroup: number | undefined): number => (fsGroup === undefined ? mode : groupMode(mode, kind, true));
const firstNames = (files: ReadonlyMap<string, unknown>): string[] => [...new Set([...files.keys()].map((path) => path.split("/", 1)[0] as string))];

/** The generation that `..data` names, if it is one of ours: a plain name, and a directory. */
async function currentGeneration(dir: string): Promise<string | undefined> {
  const name = await linkText(join(dir, DATA));
  if (name === undefined || !GENERATION.test(name)) return undefined;
  const stat = await lstat(join(dir, name)).catch(() => undefined);
  return stat?.isDirectory() === true ? name : undefined;
}

const linkText = (path: string): Promise<string | undefined> => readlink(path).catch(() => undefined);

/** True when a generation has these files, with these contents and rights, and no others. */
async function holds(generation: string, files: ReadonlyMap<string, FinishedFile>): Promise<boolean> {
  const entries = await readdir(generation, { recursive: true, withFileTypes: true });
  const there = entries.filter((entry) => !entry.isDirectory());
  if (there.length !== files.size) return false;
  for (const [path, file] of files) if (!(await same(join(generation, path), file))) return false;
  return true;
}

async function same(path: string, file: FinishedFile): Promise<boolean> {
  try {
    const stat = await lstat(path);
    if (!stat.isFile() || stat.size !== file.data.length) return false;
    if ((stat.mode & 0o7777) !== file.mode || stat.gid !== file.gid || stat.uid !== (file.uid ?? 0)) return false;
    return (await readFile(path)).equals(file.data);
  } catch (err) {
    if (isCode(err, "ENOENT", "ENOTDIR")) return false;
    throw err;
  }
}

async function linksMissing(dir: string, files: ReadonlyMap<string, unknown>): Promise<string[]> {
  const missing: string[] = [];
  for (const name of firstNames(files)) if ((await linkText(join(dir, name))) !== `${DATA}/${name}`) missing.push(name);
  return missing;
}

async function writeGeneration(dir: string, files: ReadonlyMap<string, FinishedFile>, { clock, fsGroup }: WriteOptions): Promise<string> {
  const stamp = new Date(clock.now()).toISOString().slice(0, 19).replaceAll(/[-T:]/g, "_");
  const generation = await mkdtemp(join(dir, `..${stamp}.`)); // its last six letters are chance, as upstream's digits are
  const made = new Set<string>();
  await finishDirectory(generation, fsGroup);
  for (const [path, file] of files) {
    for (const parent of parentsOf(path).filter((each) => !made.has(each))) {
      await mkdir(join(generation, parent));
      await finishDirectory(join(generation, parent), fsGroup);
      made.add(parent);
    }
    await writeOne(join(generation, path), file);
  }
  return generation.slice(dir.length + 1);
}

/** `a`, `a/b` of `a/b/c`. */
function parentsOf(path: string): string[] {
  const parent = dirname(path);
  return parent === "." ? [] : [...parentsOf(parent), parent];
}

async function finishDirectory(path: string, fsGroup: number | undefined): Promise<void> {
  if (fsGroup !== undefined) await chown(path, 0, fsGroup);
  await chmod(path, rights(0o755, "directory", fsGroup));
}

async function writeOne(path: string, file: FinishedFile): Promise<void> {
  const handle = await open(path, "wx", 0o600);
  try {
    await writeFile(handle, file.data);
    if (file.gid !== 0 || file.uid !== undefined) await handle.chown(file.uid ?? 0, file.gid);
    await handle.chmod(file.mode); // after chown, which clears bits; and whatever the umask says
  } finally {
    await handle.close();
  }
}

async function exchange(dir: string, generation: string): Promise<void> {
  await rm(join(dir, DATA_NEXT), { recursive: true, force: true });
  await symlink(generation, join(dir, DATA_NEXT));
  const data = await lstat(join(dir, DATA)).catch(() => undefined);
  if (data?.isDirectory() === true) await rm(join(dir, DATA), { recursive: true });
  await rename(join(dir, DATA_NEXT), join(dir, DATA));
}

async function replaceLink(dir: string, name: string, target: string): Promise<void> {
  await rm(join(dir, name), { recursive: true, force: true }); // of a link: the link
  await symlink(target, join(dir, name));
  await lchown(join(dir, name), 0, 0);
}

/** Links whose file is gone, and generations other than the one in use (also those of a writer that was killed). */
async function removeStale(dir: string, generation: string, names: ReadonlySet<string>): Promise<void> {
  for (const name of await readdir(dir)) {
    const stale = GENERATION.test(name) ? name !== generation : !names.has(name) && (await linkText(join(dir, name))) === `${DATA}/${name}`;
    if (stale) await rm(join(dir, name), { recursive: true, force: true });
  }
}
