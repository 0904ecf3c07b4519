/** Makes and starts one container. Upstream: kuberuntime_container.go startContainer */
import { randomBytes } from "node:crypto";
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Pod } from "#api/gen/core-v1.ts";
import type { Image, PodSandboxConfig } from "#cri/gen/cri-v1.ts";
import type { MountedVolume } from "#volumes/plugin.ts";
import { goDuration } from "./backoff.ts";
import { containerConfig } from "./container-config.ts";
import { killContainer } from "./container-killer.ts";
import { containerMounts } from "./container-mounts.ts";
import { fieldPathOf, type PodContainer } from "./containers.ts";
import { containerEnv } from "./env.ts";
import { runHook } from "./lifecycle.ts";
import { about, formatPod, uidOf } from "./names.ts";
import type { PodContext } from "./pod-context.ts";
import { instanceOf, type ContainerInstance, type PodRuntime } from "./pod-runtime.ts";
import { hashOf } from "./restart.ts";
import { serviceEnv } from "./service-env.ts";
import { messageOf, StartError } from "./start-error.ts";

/** Everything that stands before a container can be made. */
export interface Ready {
  readonly sandboxId: string;
  readonly sandbox: PodSandboxConfig;
  readonly podIps: readonly string[];
  readonly volumes: ReadonlyMap<string, MountedVolume>;
  /** The pod's hosts file. */
  readonly hosts: string | undefined;
}

/** Throws `StartError` `CrashLoopBackOff` while a container that ended must wait; counts the try otherwise. */
export function refuseInBackoff(ctx: PodContext, pod: Pod, c: PodContainer, runtime: PodRuntime): void {
  const last = runtime.containers.find((i) => i.name === c.container.name && i.state === "exited");
  if (last === undefined) return;
  const key = `${uidOf(pod)}/${c.container.name}/${hashOf(c.container)}`;
  const until = ctx.crashes.blockedUntil(key, last.finishedAt);
  if (until === undefined) return ctx.crashes.next(key, last.finishedAt);
  ctx.events.event(about(pod), "Warning", "BackOff", `Back-off restarting failed container ${c.container.name} in pod ${formatPod(pod)}`, { fieldPath: fieldPathOf(c) });
  throw new StartError("CrashLoopBackOff", `back-off ${goDuration(ctx.crashes.waitMs(key))} restarting failed container=${c.container.name} pod=${formatPod(pod)}`, { notBefore: until });
}

/** Resolves when the container runs and its postStart hook has ended. Throws `StartError`; events are written. */
export async function startContainer(ctx: PodContext, pod: Pod, c: PodContainer, runtime: PodRuntime, ready: Ready, image: Image, signal: AbortSignal): Promise<void> {
  const restartCount = await nextRestartCount(ctx, pod, c, runtime);
  const config = await prepared(ctx, pod, c, runtime, ready, image, restartCount);
  const id = await attempt("CreateContainerError", async () => (await ctx.runtime.createContainer({ podSandboxId: ready.sandboxId, config, sandboxConfig: ready.sandbox })).containerId ?? "");
  say(ctx, pod, c, "Normal", "Created", "Container created");
  await attempt("RunContainerError", () => ctx.runtime.startContainer({ containerId: id }));
  say(ctx, pod, c, "Normal", "Started", "Container started");
  ctx.cache.invalidate(uidOf(pod));
  await postStart(ctx, pod, c, id, ready, signal);
}

async function prepared(ctx: PodContext, pod: Pod, c: PodContainer, runtime: PodRuntime, ready: Ready, image: Image, restartCount: number): ReturnType<typeof config> {
  return attempt("CreateContainerConfigError", () => config(ctx, pod, c, runtime, ready, image, restartCount));
}

async function config(ctx: PodContext, pod: Pod, c: PodContainer, runtime: PodRuntime, ready: Ready, image: Image, restartCount: number): Promise<ReturnType<typeof containerConfig>> {
  const env = await containerEnv(pod, c.container, { podIps: ready.podIps, hostIps: ctx.node.addresses, allocatable: ctx.node.allocatable, services: serviceEnv(pod, ctx.services()), objects: ctx.objects });
  const [mounts] = await Promise.all([
    containerMounts(pod, c.container, { paths: ctx.paths, volumes: ready.volumes, env, hosts: ready.hosts, instance: randomBytes(4).toString("hex") }),
    mkdir(join(ctx.paths.logs(pod), c.container.name), { recursive: true, mode: 0o755 }),
  ]);
  const target = c.target === undefined ? undefined : instanceOf(runtime, c.target)?.id;
  return containerConfig(pod, c, {
    image, env, mounts, restartCount, cgroupV2: ctx.node.cgroupV2, memoryCapacity: ctx.node.memoryCapacity, seccompDir: ctx.paths.seccomp, ...(target !== undefined && { targetId: target }),
  });
}

/** One more than the last instance; when the runtime has forgotten it, the logs on disk still count. */
async function nextRestartCount(ctx: PodContext, pod: Pod, c: PodContainer, runtime: PodRuntime): Promise<number> {
  const last = instanceOf(runtime, c.container.name);
  if (last !== undefined) return last.restartCount + 1;
  const names = await readdir(join(ctx.paths.logs(pod), c.container.name)).catch((): string[] => []);
  const numbers = names.map((name) => /^(\d+)\.log/.exec(name)?.[1]).filter((n) => n !== undefined).map(Number);
  return numbers.length === 0 ? 0 : Math.max(...numbers) + 1;
}

/** Upstream does not put the hook's output into the event: it may hold secrets. */
async function postStart(ctx: PodContext, pod: Pod, c: PodContainer, id: string, ready: Ready, signal: AbortSignal): Promise<void> {
  const handler = c.container.lifecycle?.postStart;
  if (handler === undefined) return;
  try {
    await runHook(handler, { container: c.container, containerId: id, podIp: ready.podIps[0] ?? "" }, ctx.runtime, ctx.clock, signal);
  } catch (err) {
    signal.throwIfAborted();
    say(ctx, pod, c, "Warning", "FailedPostStartHook", "PostStartHook failed");
    const runtime = await ctx.cache.refresh(uidOf(pod));
    const instance: ContainerInstance | undefined = runtime.containers.find((i) => i.id === id);
    if (instance !== undefined) await killContainer(ctx, pod, runtime, instance, { message: "FailedPostStartHook", signal });
    throw new StartError("PostStartHookError", messageOf(err), { cause: err });
  }
}

/** What fails inside gets a reason, unless it has one. */
async function attempt<T>(reason: "CreateContainerConfigError" | "CreateContainerError" | "RunContainerError", step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (err) {
    throw err instanceof StartError ? err : new StartError(reason, messageOf(err), { cause: err });
  }
}

function say(ctx: PodContext, pod: Pod, c: PodContainer, type: "Normal" | "Warning", reason: string, message: string): void {
  ctx.events.event(about(pod), type, reason, message, { fieldPath: fieldPathOf(c) });
}
