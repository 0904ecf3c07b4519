/** Code that Node has compiled and keeps on disk: a directory for each version and set of flags, and it removes none. */
import { flushCompileCache, getCompileCacheDir } from "node:module";
import { readdir, rm, stat, utimes } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { cacheDir } from "#images/cache-dir.ts";

/** As Node names them: version, machine, hash of the flags, user. */
const ofNode = /^v\d+\.\d+\.\d+-\w+-[0-9a-f]+-\d+$/;
/** Two versions of Node: server and agent run with flags of their own. */
const kept = 4;

export const compiledDir = (): string => join(cacheDir(), "compile");

/** Writes down what was compiled so far, and forgets what was compiled for others long ago. */
export function keepCompiled(): void {
  flushCompileCache();
  const current = getCompileCacheDir();
  if (current !== undefined && dirname(current) === compiledDir()) pruneCompiled(dirname(current), basename(current)).catch(() => {}); // it is there again at the next start
}

/** Removes all but those used last. @param current the one of this process, which is in use from now on */
export async function pruneCompiled(dir: string, current: string): Promise<void> {
  await utimes(join(dir, current), new Date(), new Date());
  const names = (await readdir(dir)).filter((name) => ofNode.test(name) && name !== current);
  const used = await Promise.all(names.map(async (name) => ({ name, at: (await stat(join(dir, name))).mtimeMs })));
  const old = used.sort((a, b) => b.at - a.at).slice(kept - 1);
  await Promise.all(old.map(({ name }) => rm(join(dir, name), { recursive: true, force: true })));
}
