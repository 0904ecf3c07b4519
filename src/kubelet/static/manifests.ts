/** The files that a node's own pods are made of. Upstream: pkg/kubelet/config/file.go */
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { messageOf } from "#base/error-message.ts";

export interface Manifest {
  readonly path: string;
  readonly text: string;
}

/** What stands in the way of a file. */
export interface BadManifest {
  readonly path: string;
  readonly problem: string;
}

const maxBytes = 10 * 1024 * 1024;

/** The regular files of a directory by name, without those that begin with a dot. A directory that is not there has none. */
export async function readManifests(dir: string): Promise<readonly (Manifest | BadManifest)[]> {
  const names = (await readdir(dir).catch(() => [])).filter((name) => !name.startsWith("."));
  const found = await Promise.all(names.toSorted().map((name) => readManifest(join(dir, name))));
  return found.filter((manifest) => manifest !== undefined);
}

async function readManifest(path: string): Promise<Manifest | BadManifest | undefined> {
  try {
    const stats = await stat(path);
    if (stats.isDirectory()) return undefined;
    if (!stats.isFile()) return { path, problem: "not a regular file" };
    if (stats.size > maxBytes) return { path, problem: `larger than ${maxBytes} bytes` };
    return { path, text: await readFile(path, "utf8") };
  } catch (err) {
    return { path, problem: messageOf(err) };
  }
}
