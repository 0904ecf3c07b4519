import { mkdirSync, statfsSync, writeFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { systemClock } from "#base/clock.ts";
import { isAlive, type ProcessId } from "#base/daemon.ts";
import { takeTurn } from "#base/turns.ts";
import { architectureOf } from "#images/pause-image.ts";
import { awaitReady } from "./await-ready.ts";
import { ensureNodePki, ensureServerPki } from "./instance-pki.ts";
import { loadInstance, type Instance } from "./instance.ts";
import { changed, newInstance, requireFreePort, withControlPlane, withKubeletPort, type Wishes } from "./new-instance.ts";
import { nodeAddressOf } from "./node-address.ts";
import { storeText } from "./etcd-settings.ts";
import { coloured, print, say } from "./output.ts";
import { lastLines, logFile, runningProcess, startProcess, type Role } from "./processes.ts";
import { requireNodePrograms, requireRoot } from "./requirements.ts";
import { UserError } from "./user-error.ts";

export interface UpOptions extends Wishes { readonly wait: number; readonly foreground?: boolean }

/** A store, images and logs want some room from the first minute. */
const leastFreeBytes = 200 * 1024 * 1024;

/** Starts what of an instance does not run, and returns when its node is ready. */
export async function up(options: UpOptions): Promise<void> {
  requireRoot("up");
  requireNodePrograms();
  requireArchitecture();
  const from = systemClock.now();
  const instance = await started(options, from);
  if (options.foreground === true) await (await import("./foreground.ts")).stay(instance);
}

/** One at a time on this host: what one has chosen (ports, networks) the next must see in use. */
async function started(options: UpOptions, from: number): Promise<Instance> {
  using _ = await takeTurn("up", systemClock, new AbortController().signal, () => say("  another instance is being started; waiting for it …"));
  const found = loadInstance(options.dataDir);
  const before = found && { server: runningProcess(found, "server"), agent: runningProcess(found, "agent") };
  if (found !== undefined && before?.server !== undefined) requireSame(found, options);
  if (found !== undefined && before?.server !== undefined) requireSameControlPlane(found, options);
  if (found !== undefined && before?.agent !== undefined) requireSameKubelet(found, options);
  const settled = found === undefined ? await newInstance(options) : changed(found, options);
  const instance = before?.agent === undefined ? await withKubeletPort(settled) : settled;
  requireRoom(instance.dataDir);
  if (before?.server === undefined) await requireFreePort(instance.bindAddress, instance.port);
  await prepare(instance);
  const processes = { server: before?.server ?? (await startProcess(instance, "server")), agent: before?.agent ?? (await startProcess(instance, "agent")) };
  const node = await awaitReady(instance, options.wait * 1_000, systemClock, () => requireAlive(instance, processes));
  const already = before?.server !== undefined && before.agent !== undefined;
  say(`${coloured("green", "✓", process.stderr)} ${already ? "runs already" : `ready in ${((systemClock.now() - from) / 1_000).toFixed(1)} s`}: node ${node}, API server at port ${instance.port}`);
  say(`  kubectl:  export KUBECONFIG=${instance.kubeconfig}`);
  print(instance.kubeconfig);
  return instance;
}

/** Keys, directories, and the mark that this instance should be running. */
async function prepare(instance: Instance): Promise<void> {
  const { address } = await nodeAddressOf(instance);
  const now = systemClock.now();
  ensureServerPki(instance, serverAddresses(instance, address), now);
  ensureNodePki(instance, address, now);
  mkdirSync(instance.runDir, { recursive: true });
  writeFileSync(instance.wantedFile, "");
}

/** The addresses that the API server's certificate must hold. */
export const serverAddresses = (instance: Instance, nodeAddress: string): string[] =>
  [nodeAddress, ...(["0.0.0.0", "::"].includes(instance.bindAddress) ? [] : [instance.bindAddress])];

function requireSame(instance: Instance, wishes: Wishes): void {
  const sameStore = wishes.store === undefined || isDeepStrictEqual(wishes.store, instance.etcd ?? "sqlite");
  if ((wishes.port ?? instance.port) === instance.port && (wishes.bindAddress ?? instance.bindAddress) === instance.bindAddress && sameStore) return;
  throw new UserError(`The instance in ${instance.dataDir} runs already, at ${instance.bindAddress} port ${instance.port} with ${storeText(instance)}. "seedpod down" first, or choose another --name.`);
}

function requireSameControlPlane(instance: Instance, wishes: Wishes): void {
  if (isDeepStrictEqual(withControlPlane(instance, wishes).controlPlane, instance.controlPlane)) return;
  throw new UserError(`The server of the instance in ${instance.dataDir} runs already, with other settings of its control plane. "seedpod down" first.`);
}

function requireSameKubelet({ dataDir, kubelet = {} }: Instance, wishes: Wishes): void {
  if (wishes.kubelet === undefined || isDeepStrictEqual(wishes.kubelet, kubelet)) return;
  throw new UserError(`The node of the instance in ${dataDir} runs already, with other settings of its kubelet. "seedpod down" first.`);
}

function requireRoom(dir: string): void {
  const { bavail, bsize } = statfsSync(dir);
  if (bavail * bsize < leastFreeBytes) throw new UserError(`The disk that holds ${dir} is full: ${Math.floor(bavail * bsize / 2 ** 20)} MiB left, at least ${leastFreeBytes / 2 ** 20} MiB needed. Free some, or choose another place with --data-dir.`);
}

function requireArchitecture(): void {
  try {
    architectureOf(process.arch);
  } catch (err) {
    throw new UserError(`Seedpod cannot serve this machine: ${(err as Error).message}.`);
  }
}

/** Throws with the end of its log when a process that was just started is gone. */
function requireAlive(instance: Instance, processes: Readonly<Record<Role, ProcessId>>): void {
  for (const role of ["server", "agent"] as const) {
    if (isAlive(processes[role]) || runningProcess(instance, role) !== undefined) continue;
    throw new UserError(`The ${role} has ended. The last lines of ${logFile(instance, role)}:\n${lastLines(logFile(instance, role), 8)}`);
  }
}
