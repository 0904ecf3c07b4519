import { readdirSync, readlinkSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { tryExec } from "#base/exec.ts";
import type { InstancePaths } from "./instance.ts";
import { killShim, mountsBelow, removeShimSocket, shimsOf, unmountBelow } from "./leftovers.ts";
import type { Found, Orphan, Records } from "./orphan-rule.ts";
import { requireProgram } from "./requirements.ts";

const namespace = "k8s.io";

/** Bundle, working directory and runc's state of a container, each in a directory named after it. */
const taskDirs = ({ containerdDir }: InstancePaths): readonly string[] =>
  [...["state", "root"].map((root) => join(containerdDir, root, "io.containerd.runtime.v2.task", namespace)), runcRoot(containerdDir)];

const runcRoot = (containerdDir: string): string => join(containerdDir, "runc", namespace);
const netnsDir = ({ containerdDir }: InstancePaths): string => join(containerdDir, "state/io.containerd.grpc.v1.cri/netns");

/** What containerd and its shims have on the host. */
export function findTraces(paths: InstancePaths): Found {
  const netns = namesIn(netnsDir(paths)).map((name) => join(netnsDir(paths), name));
  return {
    directories: taskDirs(paths).flatMap(namesIn),
    shims: shimsOf(paths.containerdSocket).filter((shim) => shim.namespace === namespace),
    emptyNetns: netns.length === 0 ? [] : emptyOf(netns),
  };
}

function emptyOf(netns: readonly string[]): readonly string[] {
  const inhabited = new Set(namesIn("/proc").filter((name) => /^\d+$/.test(name)).map((pid) => netnsOf(pid)));
  return netns.filter((path) => !inhabited.has(inodeOf(path)));
}

/** What containerd knows, read after what is on the host. Undefined where it does not answer: then nothing is unknown. */
export async function readRecords({ containerdSocket }: InstancePaths, { emptyNetns }: Found): Promise<Records | undefined> {
  const ctr = async (...args: readonly string[]): Promise<string | undefined> => {
    const { code, stdout } = await tryExec(requireProgram("ctr"), ["--address", containerdSocket, "--namespace", namespace, "containers", ...args]);
    return code === 0 ? stdout : undefined;
  };
  const list = await ctr("list", "--quiet");
  if (list === undefined) return undefined;
  const ids = list.split("\n").map((line) => line.trim()).filter(Boolean);
  const specs: string[] = [];
  for (const id of emptyNetns.length === 0 ? [] : ids) specs.push((await ctr("info", id)) ?? "");
  return { containers: new Set(ids), netns: new Set(emptyNetns.filter((path) => specs.some((spec) => spec.includes(JSON.stringify(path))))) };
}

/** With all that is its own: processes, mounts, cgroups, sockets, directories. */
export async function removeOrphan(paths: InstancePaths, orphan: Orphan): Promise<void> {
  if (orphan.kind === "netns") return removeNetns(orphan.path);
  await tryExec(requireProgram("runc"), ["--root", runcRoot(paths.containerdDir), "delete", "--force", orphan.id]);
  for (const shim of orphan.shims) killShim(paths.containerdSocket, shim);
  removeShimSocket(paths.containerdSocket, namespace, orphan.id);
  for (const dir of taskDirs(paths).map((parent) => join(parent, orphan.id))) {
    await unmountBelow(dir);
    if (mountsBelow(dir).length === 0) rmSync(dir, { recursive: true, force: true });
  }
}

async function removeNetns(path: string): Promise<void> {
  await tryExec("umount", ["--", path]);
  rmSync(path, { force: true });
}

function namesIn(dir: string): readonly string[] {
  try {
    return readdirSync(dir);
  } catch {
    return []; // not made yet
  }
}

function netnsOf(pid: string): string {
  try {
    return /\d+/.exec(readlinkSync(`/proc/${pid}/ns/net`))?.[0] ?? "";
  } catch {
    return ""; // it ended meanwhile
  }
}

function inodeOf(path: string): string {
  try {
    return String(statSync(path).ino);
  } catch {
    return ""; // it was removed meanwhile
  }
}
