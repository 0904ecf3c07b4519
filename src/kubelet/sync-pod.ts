/** Brings one pod's sandbox and containers to what it asks for: reads what is, asks `podActions`, acts. Upstream: kubelet.go SyncPod, kuberuntime_manager.go SyncPod */
import { mkdir } from "node:fs/promises";
import type { Pod } from "#api/gen/core-v1.ts";
import type { Image, PodSandboxConfig } from "#cri/gen/cri-v1.ts";
import { killContainer, killPod, stopSandboxes } from "./container-killer.ts";
import { refuseInBackoff, startContainer, type Ready } from "./container-starter.ts";
import type { StartFailure } from "./container-statuses.ts";
import { fieldPathOf, findContainer, type PodContainer } from "./containers.ts";
import { lacksClusterDns, podDns } from "./dns.ts";
import { hostNameOf, writeHosts } from "./etc-hosts.ts";
import { collectGarbage } from "./gc.ts";
import { imageAuth } from "./image-auth.ts";
import { about, formatPod, uidOf } from "./names.ts";
import { podActions, type ContainerKill, type PodActions } from "./pod-actions.ts";
import type { PodContext } from "./pod-context.ts";
import type { PodRuntime } from "./pod-runtime.ts";
import { sandboxConfig } from "./sandbox-config.ts";
import { messageOf, StartError } from "./start-error.ts";

export interface SyncOptions {
  /** Why containers could not be started, by name; kept over the syncs. */
  readonly failures: Map<string, StartFailure>;
  /** Something that users can see has changed. */
  readonly changed: () => void;
  /** Aborts when the pod is to end. */
  readonly signal: AbortSignal;
}

export interface Synced {
  /** Milliseconds since 1970 at which another try makes sense. */
  readonly again: number | undefined;
  /** True when nothing of this pod will run any more. */
  readonly over: boolean;
}

/** Throws when the pod's surroundings (cgroup, volumes, sandbox) cannot be made; the caller tries again. */
export async function syncPod(ctx: PodContext, pod: Pod, options: SyncOptions): Promise<Synced> {
  const before = await ctx.cache.get(uidOf(pod));
  const actions = podActions(pod, before, ctx.probes);
  if (actions.killPod && !actions.createSandbox) return { again: undefined, over: true };
  if (actions.killPod) await replaceSandbox(ctx, pod, before, options);
  await Promise.all(actions.kill.map((kill) => killOne(ctx, pod, before, kill, options)));
  await Promise.all([ctx.cgroups.ensure(pod), mkdir(ctx.paths.pod(uidOf(pod)), { recursive: true, mode: 0o750 })]);
  if (actions.start.length === 0) {
    await ctx.volumes.setUp(pod);
    return { again: undefined, over: false };
  }
  return startAll(ctx, pod, actions, actions.kill.length > 0 ? await ctx.cache.refresh(uidOf(pod)) : before, options);
}

async function startAll(ctx: PodContext, pod: Pod, actions: PodActions, runtime: PodRuntime, options: SyncOptions): Promise<Synced> {
  const now = ctx.clock.now();
  const due = actions.start.filter((c) => (options.failures.get(c.container.name)?.notBefore ?? 0) <= now);
  const allowed = due.filter((c) => tryStart(ctx, pod, c, options, () => refuseInBackoff(ctx, pod, c, runtime)));
  const waits = actions.start.flatMap((c) => (allowed.includes(c) ? [] : [options.failures.get(c.container.name)?.notBefore ?? Infinity]));
  if (allowed.length === 0) return { again: earliest(waits), over: false };
  const config = await sandboxOf(ctx, pod, actions);
  const images = allowed.map((c) => ctx.images.ensure(pod, c, { sandbox: config, signal: options.signal, auth: () => imageAuth(pod, c.container.image ?? "", ctx.objects.secret) }));
  for (const image of images) image.catch(() => {}); // awaited below, perhaps after the sandbox failed
  const [place, volumes] = await Promise.all([actions.sandbox === undefined ? createSandbox(ctx, pod, config, options) : { id: actions.sandbox.id, ips: actions.sandbox.ips }, ctx.volumes.setUp(pod)]);
  const podIps = pod.spec.hostNetwork === true ? ctx.node.addresses : place.ips;
  const hosts = ctx.paths.hosts(uidOf(pod));
  await writeHosts(hosts, pod, podIps, hostNameOf(pod, ctx.node.clusterDomain, ctx.node.name));
  const ready: Ready = { sandboxId: place.id, sandbox: config, podIps, volumes, hosts };
  const tries = await startInOrder(ctx, pod, allowed, images, runtime, ready, options);
  await collectGarbage(ctx, pod, await ctx.cache.get(uidOf(pod)));
  return { again: earliest([...waits, ...tries]), over: false };
}

/** All at once, except that what follows a container with a postStart hook waits for that hook. Gives the times of the next tries. */
async function startInOrder(ctx: PodContext, pod: Pod, containers: readonly PodContainer[], images: readonly Promise<Image>[], runtime: PodRuntime, ready: Ready, options: SyncOptions): Promise<number[]> {
  const waits: number[] = [];
  const going: Promise<void>[] = [];
  for (const [i, c] of containers.entries()) {
    const start = images[i]?.then((image) => { options.signal.throwIfAborted(); return startContainer(ctx, pod, c, runtime, ready, image, options.signal); });
    const done = Promise.resolve(start).then(() => { options.failures.delete(c.container.name); }, (err: unknown) => { waits.push(failed(ctx, pod, c, err, options)); }).finally(options.changed);
    going.push(done);
    if (c.container.lifecycle?.postStart !== undefined) await done;
  }
  await Promise.all(going);
  options.signal.throwIfAborted();
  return waits;
}

function tryStart(ctx: PodContext, pod: Pod, c: PodContainer, options: SyncOptions, check: () => void): boolean {
  try {
    check();
    return true;
  } catch (err) {
    failed(ctx, pod, c, err, options);
    options.changed();
    return false;
  }
}

/** Remembers why a container did not start. Returns when to try again. */
function failed(ctx: PodContext, pod: Pod, c: PodContainer, err: unknown, { failures, signal }: SyncOptions): number {
  signal.throwIfAborted();
  const { reason, notBefore } = err instanceof StartError ? err : new StartError("RunContainerError", messageOf(err));
  const tries = (failures.get(c.container.name)?.tries ?? 0) + 1;
  const again = notBefore ?? ctx.clock.now() + Math.min(10_000, 500 * 2 ** Math.min(tries, 5));
  failures.set(c.container.name, { reason, message: messageOf(err), notBefore: again, tries });
  const isImage = reason === "ErrImagePull" || reason === "ImagePullBackOff" || reason === "ErrImageNeverPull" || reason === "InvalidImageName" || reason === "ImageInspectError";
  if (reason !== "CrashLoopBackOff" && reason !== "PostStartHookError") ctx.events.event(about(pod), "Warning", "Failed", `Error: ${isImage ? reason : messageOf(err)}`, { fieldPath: fieldPathOf(c) });
  return again;
}

async function killOne(ctx: PodContext, pod: Pod, runtime: PodRuntime, { instance, message, why }: ContainerKill, { signal }: SyncOptions): Promise<void> {
  const container = findContainer(pod, instance.name)?.container;
  const probe = why === "liveness" ? container?.livenessProbe : why === "startup" ? container?.startupProbe : undefined;
  const graceSeconds = probe?.terminationGracePeriodSeconds;
  await killContainer(ctx, pod, runtime, instance, { message, signal, ...(graceSeconds !== undefined && { graceSeconds }) });
}

async function replaceSandbox(ctx: PodContext, pod: Pod, runtime: PodRuntime, { signal }: SyncOptions): Promise<void> {
  ctx.events.event(about(pod), "Normal", "SandboxChanged", "Pod sandbox changed, it will be killed and re-created.");
  await killPod(ctx, pod, runtime, { signal });
  await stopSandboxes(ctx, runtime);
}

async function sandboxOf(ctx: PodContext, pod: Pod, { attempt }: PodActions): Promise<PodSandboxConfig> {
  const dns = await ctx.dns();
  const { hostname, domain } = hostNameOf(pod, dns.clusterDomain, ctx.node.name);
  return sandboxConfig(pod, {
    attempt, dns: podDns(pod, dns), hostname: pod.spec.setHostnameAsFQDN === true && domain !== "" ? `${hostname}.${domain}` : hostname,
    logDirectory: ctx.paths.logs(pod), cgroupParent: ctx.cgroups.pathOf(pod), seccompDir: ctx.paths.seccomp,
  });
}

async function createSandbox(ctx: PodContext, pod: Pod, config: PodSandboxConfig, { changed }: SyncOptions): Promise<{ readonly id: string; readonly ips: readonly string[] }> {
  try {
    if (lacksClusterDns(pod, await ctx.dns())) ctx.events.event(about(pod), "Warning", "MissingClusterDNS", missingDns(pod));
    await mkdir(ctx.paths.logs(pod), { recursive: true, mode: 0o755 });
    const { podSandboxId = "" } = await ctx.runtime.runPodSandbox({ config });
    const runtime = await ctx.cache.refresh(uidOf(pod));
    changed();
    return { id: podSandboxId, ips: runtime.sandboxes.find((s) => s.id === podSandboxId)?.ips ?? [] };
  } catch (err) {
    ctx.events.event(about(pod), "Warning", "FailedCreatePodSandBox", `Failed to create pod sandbox: ${messageOf(err)}`);
    throw err;
  }
}

const missingDns = (pod: Pod): string =>
  `pod: "${formatPod(pod)}". kubelet does not have ClusterDNS IP configured and cannot create Pod using "${pod.spec.dnsPolicy ?? "ClusterFirst"}" policy. Falling back to "Default" policy.`;

const earliest = (times: readonly number[]): number | undefined => (times.length === 0 ? undefined : Math.min(...times));
