import { mkdir, open, rm, stat } from "node:fs/promises";
import type { Stats } from "node:fs";
import type { HostPathVolumeSource } from "#api/gen/core-v1.ts";
import { isCode } from "./beneath.ts";
import type { VolumePlugin } from "./plugin.ts";

/** A path of the node, used as it is. Upstream: pkg/volume/hostpath */
export const hostPathVolume: VolumePlugin = {
  name: "kubernetes.io/host-path",
  supports: ({ hostPath }) => hostPath !== undefined,
  async setUp({ volume }) {
    const source = volume.hostPath ?? { path: "" };
    await checkHostPath(source);
    return { path: source.path };
  },
  tearDown: (dir) => rm(dir, { recursive: true, force: true }), // it has none; the node's path is never touched
};

type PathType = Exclude<HostPathVolumeSource["type"], "" | undefined>;

const checks: Record<PathType, { readonly holds: (stats: Stats) => boolean; readonly what: string }> = {
  DirectoryOrCreate: { holds: (s) => s.isDirectory(), what: "a directory" },
  Directory: { holds: (s) => s.isDirectory(), what: "a directory" },
  FileOrCreate: { holds: (s) => s.isFile(), what: "a file" },
  File: { holds: (s) => s.isFile(), what: "a file" },
  Socket: { holds: (s) => s.isSocket(), what: "a socket file" },
  CharDevice: { holds: (s) => s.isCharacterDevice(), what: "a character device" },
  BlockDevice: { holds: (s) => s.isBlockDevice(), what: "a block device" },
};

/** Makes what `…OrCreate` asks for and checks the kind of file. Upstream: pkg/volume/hostpath/host_path.go checkTypeInternal */
export async function checkHostPath({ path, type }: HostPathVolumeSource): Promise<void> {
  if (path.split("/").includes("..")) throw new Error(`hostPath: path must not contain '..': ${path}`);
  if (type === undefined || type === "") return;
  const check = (checks as Partial<typeof checks>)[type];
  if (check === undefined) throw new Error(`${String(type)} is an invalid volume type`);
  await makeMissing(path, type);
  const stats = await stat(path).catch(() => undefined);
  if (stats === undefined || !check.holds(stats)) throw new Error(`hostPath type check failed: ${path} is not ${check.what}`);
}

async function makeMissing(path: string, type: PathType): Promise<void> {
  try {
    if (type === "DirectoryOrCreate") await mkdir(path, { recursive: true, mode: 0o755 });
    if (type === "FileOrCreate") await (await open(path, "ax", 0o644)).close();
  } catch (err) {
    if (!isCode(err, "EEXIST", "EISDIR", "ENOTDIR")) throw err; // something stands there: the check says what is wrong with it
  }
}
