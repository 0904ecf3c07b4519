import { createHash } from "node:crypto";
import { existsSync, globSync, readdirSync, readFileSync, rmdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "#base/clock.ts";
import { processAt, signalProcess, type ProcessId } from "#base/daemon.ts";
import { tryExec } from "#base/exec.ts";

const cgroupRoot = "/sys/fs/cgroup";
/** Where containerd's shims put their sockets, whatever containerd's own directories are. */
const shimSockets = "/run/containerd/s";

/** Kills every process in the cgroups at `parent` (all hierarchies), however it came there. */
export async function killCgroup(parent: string, clock: Clock, signal: AbortSignal): Promise<void> {
  for (let round = 0; round < 50; round++) {
    const pids = cgroupDirs(parent).flatMap((dir) => globSync("{cgroup.procs,**/cgroup.procs}", { cwd: dir }).map((file) => readSafely(join(dir, file)))).join("\n");
    const left = [...new Set(pids.split("\n").filter(Boolean).map(Number))].map(processAt).filter((id) => id !== undefined);
    if (left.length === 0) return;
    for (const id of left) signalProcess(id, "SIGKILL");
    await clock.sleep(20, signal);
  }
}

/** Removes the (empty) cgroups at `parent`, leaves first. */
export function removeCgroups(parent: string): void {
  for (const dir of cgroupDirs(parent)) {
    const all = globSync("**/", { cwd: dir }).map((path) => join(dir, path)).sort((a, b) => b.length - a.length);
    for (const path of [...all, dir]) {
      try {
        rmdirSync(path);
      } catch { /* busy or gone; `remains` tells */ }
    }
  }
}

/** The cgroup `parent` in version 2's one hierarchy and in each of version 1. */
export function cgroupDirs(parent: string): string[] {
  const roots = [cgroupRoot, ...readdirSync(cgroupRoot, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => join(cgroupRoot, name))];
  return roots.map((root) => join(root, parent)).filter((dir) => existsSync(dir));
}

/** Processes that play `role` for an instance, by their command lines: also one whose pid file was deleted. */
export const processesOf = (dataDir: string, role: "server" | "agent"): ProcessId[] => processesWith((args) => {
  const script = args.findIndex((arg) => /\/seedpod\.[jt]s$/.test(arg));
  return script > 0 && args[script + 1] === role && args[args.indexOf("--data-dir") + 1] === dataDir;
});

/** Likewise the containerds that run by a configuration in `dir`. */
export const containerdsOf = (dir: string): ProcessId[] => processesWith((args) => args[args.indexOf("--config") + 1]?.startsWith(`${dir}/`) === true);

const processesWith = (matches: (args: readonly string[]) => boolean): ProcessId[] =>
  readdirSync("/proc").filter((name) => /^\d+$/.test(name) && matches(readSafely(`/proc/${name}/cmdline`).split("\0"))).map((pid) => processAt(Number(pid))).filter((id) => id !== undefined);

export interface Shim { readonly process: ProcessId; readonly id: string; readonly namespace: string }

/** The shims that serve a containerd at `socket`; they outlive it. */
export function shimsOf(socket: string): Shim[] {
  return readdirSync("/proc").filter((name) => /^\d+$/.test(name)).flatMap((pid) => {
    const args = readSafely(`/proc/${pid}/cmdline`).split("\0");
    const after = (flag: string): string => args[args.indexOf(flag) + 1] ?? "";
    if (args[0]?.includes("containerd-shim") !== true || after("-address") !== socket) return [];
    const found = processAt(Number(pid));
    return found === undefined ? [] : [{ process: found, id: after("-id"), namespace: after("-namespace") }];
  });
}

/** Kills shims that did not go by themselves. */
export function killShims(socket: string): void {
  for (const shim of shimsOf(socket)) killShim(socket, shim);
}

/** With its socket. */
export function killShim(socket: string, { process, id, namespace }: Shim): void {
  signalProcess(process, "SIGKILL");
  removeShimSocket(socket, namespace, id);
}

/** Upstream: containerd runtime/v2/shim/util_unix.go SocketAddress */
export function removeShimSocket(socket: string, namespace: string, id: string): void {
  rmSync(join(shimSockets, createHash("sha256").update(join(socket, namespace, id)).digest("hex")), { force: true });
}

/** Unmounts everything below `dir`, the newest first; what is busy is detached. */
export async function unmountBelow(dir: string): Promise<void> {
  for (const path of mountsBelow(dir).reverse()) {
    if ((await tryExec("umount", ["--", path])).code !== 0) await tryExec("umount", ["--lazy", "--", path]);
  }
}

/** Mount points below `dir`, oldest first. */
export function mountsBelow(dir: string, mountinfo: string = readFileSync("/proc/self/mountinfo", "utf8")): string[] {
  return mountinfo.split("\n")
    .map((line) => (line.split(" ")[4] ?? "").replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8))))
    .filter((path) => path.startsWith(`${dir}/`));
}

function readSafely(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return ""; // it ended meanwhile
  }
}
