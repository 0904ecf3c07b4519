/** What is mounted on this machine, and `mount` and `umount`. */
import { lstat, readFile } from "node:fs/promises";
import { release } from "node:os";
import { dirname, relative } from "node:path";
import { exec, tryExec } from "#base/exec.ts";
import { isCode } from "./beneath.ts";

export interface MountPoint {
  readonly path: string;
  readonly fsType: string;
  readonly source: string;
  readonly options: readonly string[];
}

/** Every mount of this process's namespace, in the kernel's order: what is mounted later comes later. */
export async function readMounts(): Promise<readonly MountPoint[]> {
  return parseMountInfo(await readFile("/proc/self/mountinfo", "utf8"));
}

/** Reads the text of `/proc/<pid>/mountinfo` (proc(5)). Lines that are not understood are left out. */
export function parseMountInfo(text: string): readonly MountPoint[] {
  return text.split("\n").flatMap((line) => {
    const [left, right] = line.split(" - ");
    const fields = left?.split(" ");
    const [fsType, source] = right?.split(" ") ?? [];
    if (fields?.[4] === undefined || fsType === undefined || source === undefined) return [];
    return [{ path: unescape(fields[4]), fsType, source: unescape(source), options: (fields[5] ?? "").split(",") }];
  });
}

const unescape = (text: string): string => text.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));

/** True when something is mounted at exactly this path. A path that is not there is not a mount point. */
export async function isMountPoint(path: string): Promise<boolean> {
  try {
    const [own, parent] = await Promise.all([lstat(path), lstat(dirname(path))]);
    if (own.dev !== parent.dev) return true; // cheap, and enough but for bind mounts on one file system
  } catch (err) {
    if (isCode(err, "ENOENT", "ENOTDIR")) return false;
    throw err;
  }
  return (await readMounts()).some((mount) => mount.path === path);
}

/** Mounts an empty tmpfs. @param sizeBytes the kernel's default (half of the memory) where left out */
export async function mountTmpfs(dir: string, sizeBytes?: number): Promise<void> {
  const options = [...(sizeBytes === undefined ? [] : [`size=${sizeBytes}`]), ...(swapCanBeRefused ? ["noswap"] : [])];
  await exec("mount", ["-t", "tmpfs", ...(options.length === 0 ? [] : ["-o", options.join(",")]), "--", "tmpfs", dir]);
}

/** `noswap` is Linux 6.4's: without it a secret on a tmpfs may reach the swap. Upstream: pkg/kubelet/util/swap */
const swapCanBeRefused: boolean = ((): boolean => {
  const [major = 0, minor = 0] = release().split(".").map(Number);
  return major > 6 || (major === 6 && minor >= 4);
})();

/** Bind-mounts one path on another as it stands: names are not resolved again, so that `/proc/<pid>/fd/<n>` means the open file. */
export async function bindMount(source: string, target: string): Promise<void> {
  await exec("mount", ["--no-canonicalize", "--bind", "--", source, target]);
}

/** How to mount something: type, source and options of mount(8). */
export interface HostMount {
  readonly type: string;
  readonly source: string;
  readonly options: readonly string[];
}

/** Mounts something read-only and without execution. */
export async function mountSealed({ type, source, options }: HostMount, target: string): Promise<void> {
  const { cwd, short } = shortened(options.filter((option) => option !== "rw"));
  const sealed = [...new Set([...short, "ro", "noexec"])].join(",");
  const args = type === "bind" || options.includes("rbind") ? ["--bind"] : ["-t", type];
  await exec("mount", ["--no-canonicalize", ...args, "-o", sealed, "--", source, target], cwd === undefined ? {} : { cwd });
}

/** The kernel takes a page of options: the directories of many layers fit when they are named from where they all are. */
function shortened(options: readonly string[]): { readonly cwd: string | undefined; readonly short: readonly string[] } {
  const layers = options.find((option) => option.startsWith("lowerdir="))?.slice("lowerdir=".length).split(":");
  if (layers === undefined) return { cwd: undefined, short: options };
  const cwd = commonDirectory(layers);
  return { cwd, short: options.map((option) => (option.startsWith("lowerdir=") ? `lowerdir=${layers.map((layer) => relative(cwd, layer)).join(":")}` : option)) };
}

/** The deepest directory that all paths are beneath. */
export function commonDirectory(paths: readonly string[]): string {
  const [first = [], ...rest] = paths.map((path) => dirname(path).split("/"));
  const length = first.findIndex((name, i) => rest.some((names) => names[i] !== name));
  return first.slice(0, length === -1 ? first.length : length).join("/") || "/";
}

/** Takes the topmost mount off a path; one that is not mounted is fine. */
export async function unmount(path: string): Promise<void> {
  const { code, stdout, stderr } = await tryExec("umount", ["--no-canonicalize", "--", path]);
  if (code !== 0 && (await isMountPoint(path))) throw new Error(`umount ${path}: ${(stderr || stdout).trim()}`);
}

/** Takes everything off that is mounted at a directory or beneath it, the last mounted first. */
export async function unmountBeneath(dir: string): Promise<void> {
  const mounts = (await readMounts()).filter(({ path }) => path === dir || path.startsWith(`${dir}/`));
  for (const { path } of mounts.toReversed()) await unmount(path);
}
