/** Makes and starts one container. Upstream: pkg/kubelet/kuberuntime/kuberuntime_container.go startContainer */
import { randomBytes } from "node:crypto";
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { messageOf } from "#base/error-message.ts";
import type { ContainerConfig, Image, PodSandboxConfig } from "#cri/gen/cri-v1.ts";
import type { ContainerStatus } from "#api/gen/core-v1.ts";
import { RuntimeError, type Runtime } from "#cri/runtime.ts";
import type { MountedVolume } from "#volumes/plugin.ts";
import { giftOf } from "../cdi/cdi.ts";
import { containerConfig } from "./container-config.ts";
import { killContainer } from "./container-killer.ts";
import { containerDevices, containerMounts } from "./container-mounts.ts";
import { statusesOf, type PodContainer } from "./containers.ts";
import { containerEnv } from "./env.ts";
import type { ImageVolumes } from "../images/image-volumes.ts";
import { runHook } from "./lifecycle.ts";
import { uidOf } from "../names.ts";
import { instanceOf, type PodRuntime } from "../runtime/pod-runtime.ts";
import { serviceEnv } from "./service-env.ts";
import { StartError, type StartReason } from "./start-error.ts";
import { say, type SyncTask } from "../pods/sync-task.ts";

/** Everything that stands before a container can be made. */
export interface Ready {
  readonly sandboxId: string;
  readonly sandbox: PodSandboxConfig;
  readonly podIps: readonly string[];
  readonly volumes: ReadonlyMap<string, MountedVolume>;
  /** Volumes that are images, on their way. */
  readonly images: ImageVolumes;
  /** The pod's hosts file. */
  readonly hosts: string;
  /** What the runtime had of the pod before. */
  readonly runtime: PodRuntime;
}

/** Resolves when the container runs and its postStart hook has ended. Throws `StartError`. */
export async function startContainer(task: SyncTask, c: PodContainer, ready: Ready, image: Image): Promise<void> {
  const { ctx, pod, signal } = task;
  signal.throwIfAborted();
  const config = await attempt("CreateContainerConfigError", () => configOf(task, c, ready, image));
  const { sandboxId: podSandboxId, sandbox: sandboxConfig } = ready;
  const create = async (): Promise<string> => (await ctx.runtime.createContainer({ podSandboxId, config, sandboxConfig })).containerId ?? "";
  const containerId = await attempt("CreateContainerError", () => ctx.cache.owners.making(uidOf(pod), create)).catch((err: unknown) => {
    ctx.cache.invalidate(uidOf(pod)); // a runtime that was killed meanwhile may have made it, and keeps its name from the next one
    throw err;
  });
  task.allocation.made(pod, c.container, containerId);
  try {
    await attempt("CreateContainerError", () => checkStopSignal(ctx.runtime, containerId, config));
    say(task, c, "Normal", "Created", "Container created");
    await attempt("RunContainerError", () => ctx.runtime.startContainer({ containerId }));
  } catch (err) {
    ctx.cache.gaveUp(uidOf(pod), containerId);
    throw err;
  }
  say(task, c, "Normal", "Started", "Container started");
  ctx.cache.containerStarted(uidOf(pod), containerId, podSandboxId).catch(() => {}); // whoever asks next hears of it
  await postStart(task, c, containerId, ready);
}

/** A runtime that does not know `stopSignal` takes the container without a word and would stop it with another signal. */
async function checkStopSignal(runtime: Runtime, containerId: string, { stopSignal }: ContainerConfig): Promise<void> {
  if (stopSignal === undefined) return;
  const { status } = await runtime.containerStatus({ containerId });
  if (status?.stopSignal === stopSignal) return;
  await runtime.removeContainer({ containerId });
  throw new Error(`lifecycle.stopSignal ${stopSignal} is not supported by the container runtime`);
}

async function configOf({ ctx, pod }: SyncTask, c: PodContainer, ready: Ready, image: Image): Promise<ContainerConfig> {
  const { node, objects, paths } = ctx;
  const restartCount = await nextRestartCount(join(paths.logs(pod), c.container.name), ready.runtime, c, statusesOf({ ...pod, status: ctx.statuses.get(pod) }).get(c.container.name));
  const services = serviceEnv(pod, ctx.services());
  const env = await containerEnv(pod, c.container, {
    podIps: ready.podIps,
    hostIps: node.addresses,
    allocatable: node.allocatable,
    services,
    volumes: ready.volumes,
    objects,
  });
  const instance = randomBytes(4).toString("hex");
  const [mounts] = await Promise.all([
    containerMounts(pod, c.container, { paths, volumes: ready.volumes, env, hosts: ready.hosts, recursiveReadOnly: node.features.recursiveReadOnly, instance }),
    mkdir(join(paths.logs(pod), c.container.name), { recursive: true, mode: 0o755 }),
  ]);
  const devices = await ctx.devices.prepare(uidOf(pod), c.container.name);
  const cdi = [...new Set([...devices.flatMap(({ cdiDevices = [] }) => cdiDevices.map(({ name = "" }) => name)), ...ctx.claims.cdiDevices(pod, c.container)])];
  const gift = node.features.cdi ? { cdi } : { gift: await giftOf(cdi, ctx.cdiDirs) };
  const targetId = c.target === undefined ? undefined : instanceOf(ready.runtime, c.target)?.id;
  if (c.target !== undefined && targetId === undefined)
    throw new StartError("CreateContainerConfigError", `unable to find target container ${c.target}`);
  const { cgroupV2, memoryCapacity } = node;
  const users = ready.sandbox.linux?.securityContext?.namespaceOptions?.usernsOptions;
  const blockDevices = containerDevices(c.container, ready.volumes);
  const facts = { image, env, mounts, restartCount, cgroupV2, memoryCapacity, seccompDir: paths.seccomp, devices, ...gift, blockDevices, ...(users !== undefined && { users }) };
  return containerConfig(pod, c, targetId === undefined ? facts : { ...facts, targetId });
}

/** One more than the last instance; when the runtime has forgotten it, what was said of it and the logs on disk still count. Upstream: calcRestartCountByLogDir */
async function nextRestartCount(logs: string, runtime: PodRuntime, c: PodContainer, said: ContainerStatus | undefined): Promise<number> {
  const last = instanceOf(runtime, c.container.name);
  if (last !== undefined) return last.restartCount + 1;
  const names = await readdir(logs).catch((): string[] => []);
  return Math.max(said?.containerID === undefined ? -1 : said.restartCount, ...names.map((name) => Number(/^(\d+)\.log/.exec(name)?.[1] ?? -1))) + 1;
}

/** The hook's output does not go into the event: it may hold secrets. */
async function postStart({ ctx, pod, signal, ...task }: SyncTask, c: PodContainer, id: string, ready: Ready): Promise<void> {
  const handler = c.container.lifecycle?.postStart;
  if (handler === undefined) return;
  try {
    await runHook(handler, { pod, container: c.container, containerId: id, podIp: ready.podIps[0] ?? "" }, ctx, signal);
  } catch (err) {
    signal.throwIfAborted();
    say({ ctx, pod, signal, ...task }, c, "Warning", "FailedPostStartHook", "PostStartHook failed");
    const runtime = await ctx.cache.refresh(uidOf(pod));
    const instance = runtime.containers.find((i) => i.id === id);
    if (instance !== undefined) await killContainer(ctx, pod, runtime, instance, { message: "FailedPostStartHook", signal });
    throw new StartError("PostStartHookError", messageOf(err), { cause: err });
  }
}

/** What fails inside gets a reason, unless it has one. Of the runtime's refusals users see its own words. */
async function attempt<T>(reason: StartReason, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (err) {
    throw err instanceof StartError ? err : new StartError(reason, err instanceof RuntimeError ? err.said : messageOf(err), { cause: err });
  }
}
