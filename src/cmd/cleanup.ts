import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "#base/clock.ts";
import { readPidFile, stopProcess, type ProcessId } from "#base/daemon.ts";
import type { Logger } from "#base/log.ts";
import { deleteBridge } from "#cni/bridge.ts";
import { removePortMappings } from "#cni/port-mappings.ts";
import { deleteTable, removeForwarding } from "#cni/rules.ts";
import { newGrpcRuntime } from "#cri/grpc/runtime.ts";
import { settingsWith } from "#kubelet/settings/read-settings.ts";
import { shutdownSeconds } from "#kubelet/node/shutdown-rules.ts";
import { drain } from "./drain.ts";
import { loadInstance, type InstancePaths } from "./instance.ts";
import { cgroupDirs, containerdsOf, killCgroup, killShims, mountsBelow, processesOf, removeCgroups, shimsOf, unmountBelow } from "./leftovers.ts";
import { instanceContainerd } from "./node-runtime.ts";
import { pidFile, runningProcess, type Role } from "./processes.ts";

export interface StopOptions { readonly graceSeconds: number; readonly progress: (step: string) => void }

const processGraceMs = 10_000;

/**
 * Ends an instance and takes everything that it made out of this host, also when parts of it are dead already. Its data
 * stay. First the orderly way (agent, pods by CRI, server, containerd), then what is left by force.
 * @returns what could not be removed, in words; empty when all is gone
 */
export async function stopInstance(paths: InstancePaths, clock: Clock, log: Logger, options: StopOptions, signal: AbortSignal): Promise<string[]> {
  rmSync(paths.wantedFile, { force: true });
  await stopRole(paths, "agent", clock, signal, shutdownMs(paths));
  if (mayHavePods(paths)) {
    options.progress("stopping pods");
    await stopPods(paths, clock, log, options.graceSeconds, signal);
  }
  await stopRole(paths, "server", clock, signal);
  await stopAll([readPidFile(paths.containerdPid), ...containerdsOf(paths.containerdDir)], clock, signal);
  await removeLeftovers(paths, clock, signal);
  return remains(paths);
}

/** What the kubelet was told that its pods have when the node goes down. */
function shutdownMs({ dataDir }: InstancePaths): number {
  try {
    return shutdownSeconds(settingsWith(loadInstance(dataDir)?.kubelet ?? {})) * 1_000;
  } catch {
    return 0; // an instance is to be stopped whatever its file says
  }
}

async function stopRole(paths: InstancePaths, role: Role, clock: Clock, signal: AbortSignal, moreMs: number = 0): Promise<void> {
  await stopAll([runningProcess(paths, role), ...processesOf(paths.dataDir, role)], clock, signal, moreMs);
  rmSync(pidFile(paths, role), { force: true });
}

async function stopAll(running: readonly (ProcessId | undefined)[], clock: Clock, signal: AbortSignal, moreMs: number = 0): Promise<void> {
  for (const id of running) if (id !== undefined) await stopProcess(id, clock, processGraceMs + moreMs, signal);
}

/** Pods need containerd to end in order: it is started for that when it is dead. */
async function stopPods(paths: InstancePaths, clock: Clock, log: Logger, graceSeconds: number, signal: AbortSignal): Promise<void> {
  const runtime = newGrpcRuntime(paths.containerdSocket, clock);
  try {
    await (await instanceContainerd(paths, clock, log)).start(signal);
    await drain(runtime, graceSeconds, (sandbox, err) => log.warn({ sandbox, err }, "a pod could not be stopped in order"));
  } catch (err) {
    log.warn({ err }, "pods could not be stopped in order; they are killed");
  } finally {
    runtime.close();
  }
}

async function removeLeftovers(paths: InstancePaths, clock: Clock, signal: AbortSignal): Promise<void> {
  killShims(paths.containerdSocket);
  await killCgroup(paths.cgroupParent, clock, signal);
  for (const dir of [paths.dataDir, paths.shortDir]) await unmountBelow(dir);
  await deleteBridge(paths.bridge);
  await deleteTable(paths.table);
  await removeForwarding(paths.bridge, paths.networkName);
  await removePortMappings(paths.networkName);
  removeCgroups(paths.cgroupParent);
  const stale = [
    paths.shortDir, paths.runDir, paths.containerdPid, paths.containerdSocket, `${paths.containerdSocket}.ttrpc`,
    join(paths.containerdDir, "state"), join(paths.containerdDir, "runc"), join(paths.cniDir, "networks"), join(paths.cniDir, "conf.d"),
  ];
  for (const path of stale) removeTree(path);
}

/** Deletes a directory, but never through a mount into what somebody else owns. */
export function removeTree(path: string): void {
  if (mountsBelow(path).length === 0) rmSync(path, { recursive: true, force: true });
}

/** Leases of addresses, shims, or a runtime that answers: otherwise there is nothing to end in order. */
function mayHavePods(paths: InstancePaths): boolean {
  const leases = join(paths.cniDir, "networks", paths.networkName);
  return readPidFile(paths.containerdPid) !== undefined
    || shimsOf(paths.containerdSocket).length > 0
    || (existsSync(leases) && readdirSync(leases).some((name) => /^\d/.test(name)));
}

/** What of an instance is still on this host, in words. */
export function remains(paths: InstancePaths): string[] {
  return [
    ...(["server", "agent"] as const).filter((role) => runningProcess(paths, role) !== undefined || processesOf(paths.dataDir, role).length > 0).map((role) => `the ${role}'s process`),
    ...containerdsOf(paths.containerdDir).map(({ pid }) => `the containerd ${pid}`),
    ...shimsOf(paths.containerdSocket).map(({ process }) => `the container shim ${process.pid}`),
    ...mountsBelow(paths.dataDir).map((path) => `the mount ${path}`),
    ...cgroupDirs(paths.cgroupParent).map((path) => `the cgroup ${path}`),
    ...(existsSync(`/sys/class/net/${paths.bridge}`) ? [`the bridge ${paths.bridge}`] : []),
  ];
}
