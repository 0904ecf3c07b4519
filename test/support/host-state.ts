/** What an instance has on its host at a moment: what must be as before when the pods that came have gone. */
import { globSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { processAt, readPidFile } from "#base/daemon.ts";
import { tryExec } from "#base/exec.ts";
import { pause } from "#base/waiting.ts";
import type { Instance } from "#cmd/instance.ts";
import { cgroupDirs, mountsBelow, shimsOf } from "#cmd/leftovers.ts";
import { runningProcess } from "#cmd/processes.ts";

/** Names by kind, sorted. Without containerd's snapshots, which its garbage collector takes away at some later time. */
export type HostState = Readonly<Record<string, readonly string[]>>;

const list = (dir: string): string[] => {
  try {
    return readdirSync(dir);
  } catch {
    return []; // not made yet, or gone
  }
};

export async function hostState(instance: Instance): Promise<HostState> {
  const { containerdDir, kubeletDir, podLogsDir, cniDir, networkName, bridge, table, cgroupParent, containerdSocket } = instance;
  const [root, state] = [join(containerdDir, "root"), join(containerdDir, "state")];
  const [nft, iptables] = await Promise.all([tryExec("nft", ["list", "table", "ip", table]), tryExec("iptables-save", [])]);
  const found: Record<string, readonly string[]> = {
    netns: list(join(state, "io.containerd.grpc.v1.cri/netns")),
    veths: list(`/sys/class/net/${bridge}/brif`),
    mounts: mountsBelow(instance.dataDir),
    shims: shimsOf(containerdSocket).map(({ id }) => id),
    cgroups: cgroupDirs(cgroupParent).flatMap((dir) => globSync("**/pod*/**/", { cwd: dir }).map((path) => join(basename(join(dir, "..")), path))),
    leases: list(join(cniDir, "networks", networkName)).filter((name) => /^\d/.test(name)),
    rules: [...nft.stdout.split("\n"), ...iptables.stdout.split("\n").filter((line) => line.includes(networkName))],
    "pod directories": list(join(kubeletDir, "pods")),
    "pod logs": list(podLogsDir),
    tasks: [...list(join(state, "io.containerd.runtime.v2.task/k8s.io")), ...list(join(containerdDir, "runc/k8s.io"))],
    "CRI records": ["containers", "sandboxes"].flatMap((kind) => [root, state].flatMap((dir) => list(join(dir, "io.containerd.grpc.v1.cri", kind)))),
  };
  return Object.fromEntries(Object.entries(found).map(([kind, names]) => [kind, names.toSorted()]));
}

/** The state when nothing comes or goes any more: three looks, half a second apart, that saw the same. */
export async function quietState(instance: Instance): Promise<HostState> {
  let state = await hostState(instance);
  for (let [same, looks] = [0, 0]; same < 2 && looks < 120; looks++) {
    await pause(500);
    const now = await hostState(instance);
    same = isDeepStrictEqual(now, state) ? same + 1 : 0;
    state = now;
  }
  return state;
}

/** What of `before` is no more. */
export const lost = (before: readonly string[], after: readonly string[]): string[] => before.filter((fact) => !after.includes(fact));

/** What there is now and was not before, in words; and what is missing. */
export function difference(before: HostState, after: HostState): string[] {
  return Object.keys({ ...before, ...after }).flatMap((kind) => {
    const [had, has] = [new Set(before[kind]), new Set(after[kind])];
    return [...[...has].filter((name) => !had.has(name)).map((name) => `${kind}: new ${name}`), ...[...had].filter((name) => !has.has(name)).map((name) => `${kind}: missing ${name}`)];
  });
}

export interface ProcessUse { readonly descriptors: number; readonly residentKiB: number }

/** Open descriptors and resident memory of the instance's own processes. */
export function processUse(instance: Instance): Readonly<Record<string, ProcessUse>> {
  const ids = { server: runningProcess(instance, "server"), agent: runningProcess(instance, "agent"), containerd: readPidFile(instance.containerdPid) };
  return Object.fromEntries(Object.entries(ids).map(([name, id]) => [name, id === undefined ? { descriptors: 0, residentKiB: 0 } : useOf(id.pid)]));
}

const useOf = (pid: number): ProcessUse => ({ descriptors: list(`/proc/${pid}/fd`).length, residentKiB: Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) });

/** `pid@start` of every process in the pods' cgroups. */
export function podProcesses({ cgroupParent }: Instance): string[] {
  const pids = cgroupDirs(cgroupParent).flatMap((dir) => globSync("**/cgroup.procs", { cwd: dir }).flatMap((file) => readOrNothing(join(dir, file)).split("\n")));
  const ids = [...new Set(pids.filter(Boolean).map(Number))].map(processAt).filter((id) => id !== undefined);
  return ids.map((id) => JSON.stringify(id)).sort();
}

function readOrNothing(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return ""; // the cgroup has gone
  }
}
