/**
 * Brings one pod's sandbox and containers to what it asks for: reads what is, asks `podActions`, acts.
 * Upstream: pkg/kubelet/kubelet.go SyncPod, kuberuntime_manager.go SyncPod
 */
import { mkdir } from "node:fs/promises";
import type { Image } from "#cri/gen/cri-v1.ts";
import { killContainer } from "../containers/container-killer.ts";
import { startContainer, type Ready } from "../containers/container-starter.ts";
import { findContainer, type PodContainer } from "../containers/containers.ts";
import { forgive, refuseInBackoff } from "../containers/crash-backoff.ts";
import { hostNameOf, writeHosts } from "../sandbox/etc-hosts.ts";
import { collectGarbage } from "../runtime/gc.ts";
import { imageAuth } from "../images/image-auth.ts";
import { imageVolumesOf, withImages } from "../images/image-volumes.ts";
import { imageOf } from "../images/images.ts";
import { uidOf } from "../names.ts";
import { podActions, type ContainerKill, type PodActions } from "./pod-actions.ts";
import type { PodRuntime } from "../runtime/pod-runtime.ts";
import { resizeInPlace, withOutdated } from "../resources/resize.ts";
import { removeThem, restartOfAll, stopAll, type RestartOfAll } from "./restart-all.ts";
import { clearForNewSandbox, configOfSandbox, createSandbox, prepareClaims } from "../sandbox/sandbox.ts";
import { startFailed, type SyncTask } from "./sync-task.ts";
import type { Mounting } from "../volumes/volume-manager.ts";

export interface Synced {
  /** Milliseconds since 1970 at which another try makes sense. */
  readonly again: number | undefined;
  /** True when nothing of this pod will run any more. */
  readonly over: boolean;
}

interface Start {
  readonly c: PodContainer;
  readonly image: Promise<Image>;
}

/** Throws when the pod's surroundings (cgroup, volumes, sandbox) cannot be made; the caller tries again. */
export async function syncPod(task: SyncTask): Promise<Synced> {
  const { ctx, pod } = task;
  const restart = restartOfAll(pod, await ctx.cache.get(uidOf(pod)));
  if (restart !== undefined) {
    const again = await restartAll(task, restart);
    if (again !== undefined) return { again, over: false };
  }
  const before = withOutdated(pod, await ctx.cache.get(uidOf(pod)), task.allocation);
  const actions = podActions(pod, before, ctx.probes);
  if (actions.killPod && !actions.createSandbox) return { again: undefined, over: true };
  if (actions.killPod) await clearForNewSandbox(task, before);
  await Promise.all(actions.kill.map((kill) => killOne(task, before, kill)));
  const now = actions.kill.length > 0 ? await ctx.cache.refresh(uidOf(pod)) : before;
  const mounting = ctx.volumes.setUp(pod, task.signal);
  try {
    return await act(task, actions, now, mounting);
  } finally {
    await Promise.allSettled([mounting.volumes]); // nothing may be left running behind a failure
  }
}

/** Nothing is pulled and no sandbox is made for a pod whose volumes may never stand. */
async function act(task: SyncTask, actions: PodActions, runtime: PodRuntime, mounting: Mounting): Promise<Synced> {
  const { ctx, pod } = task;
  const made = mkdir(ctx.paths.pod(uidOf(pod)), { recursive: true, mode: 0o750 });
  const [resizeAgain] = await together([resizeInPlace(task, runtime), made, mounting.certain]);
  const retries = actions.start.length > 0 ? await startAll(task, actions, runtime, mounting) : [];
  await mounting.volumes;
  return { again: earliest([...retries, resizeAgain].filter((time) => time !== undefined)), over: false };
}

/** Returns when to try again, if those whose end it was have to wait; else the pod can start from the beginning. */
async function restartAll(task: SyncTask, restart: RestartOfAll): Promise<number | undefined> {
  const { ctx, pod, failures } = task;
  const runtime = await ctx.cache.get(uidOf(pod));
  await stopAll(task, runtime, restart);
  const waiting = restart.begunBy.filter((c) => !mayStart(task, c, runtime));
  if (waiting.length > 0) return earliest(waiting.map((c) => failures.get(c.container.name)?.notBefore ?? Infinity));
  await removeThem(task, restart);
  task.changed();
  return undefined;
}

/** Gives the times of the next tries. */
async function startAll(task: SyncTask, actions: PodActions, runtime: PodRuntime, mounting: Mounting): Promise<number[]> {
  const { ctx, pod, failures } = task;
  const now = ctx.clock.now();
  const due = actions.start.filter((c) => (failures.get(c.container.name)?.notBefore ?? 0) <= now);
  const allowed = due.filter((c) => mayStart(task, c, runtime));
  const waits = actions.start.filter((c) => !allowed.includes(c)).map((c) => failures.get(c.container.name)?.notBefore ?? Infinity);
  if (allowed.length === 0) return waits;
  const { starts, ready } = await prepare(task, actions, allowed, runtime, mounting);
  const retries = await startInOrder(task, starts, ready);
  await collectGarbage(ctx, pod, await ctx.cache.get(uidOf(pod)));
  return [...waits, ...retries];
}

/** Sandbox, what is left to do for volumes, and images at the same time: each takes as long as it takes. */
async function prepare(
  task: SyncTask,
  actions: PodActions,
  containers: readonly PodContainer[],
  runtime: PodRuntime,
  mounting: Mounting,
): Promise<{ readonly starts: Start[]; readonly ready: Ready }> {
  const { ctx, pod, signal } = task;
  const sandbox = await configOfSandbox(ctx, pod, actions.attempt);
  if (actions.sandbox === undefined) await prepareClaims(task);
  const starts = containers.map((c): Start => {
    const image = ctx.images.ensure(pod, imageOf(c), { sandbox, signal, auth: () => imageAuth(pod, c.container.image ?? "", ctx) });
    image.catch(() => {}); // awaited when its turn comes, perhaps never
    return { c, image };
  });
  const images = imageVolumesOf(task, containers, sandbox);
  const [{ id, ips }, volumes] = await together([actions.sandbox ?? createSandbox(task, sandbox), mounting.volumes]);
  const podIps = pod.spec.hostNetwork === true ? ctx.node.addresses : ips;
  const hosts = ctx.paths.hosts(uidOf(pod));
  await writeHosts(hosts, pod, podIps, hostNameOf(pod, ctx.node.clusterDomain, ctx.node.name));
  return { starts, ready: { sandboxId: id, sandbox, podIps, volumes, images, hosts, runtime } };
}

/** All at once, except that what follows a container with a postStart hook waits for that hook. Gives the times of the next tries. */
async function startInOrder(task: SyncTask, starts: readonly Start[], ready: Ready): Promise<number[]> {
  const retries: number[] = [];
  const going: Promise<void>[] = [];
  for (const { c, image } of starts) {
    const done = startOne(task, c, ready, image).then((again) => {
      if (again !== undefined) retries.push(again);
    });
    going.push(done);
    if (c.container.lifecycle?.postStart !== undefined) await Promise.allSettled([done]);
  }
  await Promise.allSettled(going); // nothing may be left starting behind an abort
  await Promise.all(going);
  return retries;
}

/** Returns when to try again, if it did not start. */
async function startOne(task: SyncTask, c: PodContainer, ready: Ready, image: Promise<Image>): Promise<number | undefined> {
  try {
    const [present, volumes] = await Promise.all([image, withImages(ready.volumes, ready.images, c)]);
    await startContainer(task, c, { ...ready, volumes }, present);
    task.failures.delete(c.container.name);
    return undefined;
  } catch (err) {
    return startFailed(task, c, err);
  } finally {
    task.changed();
  }
}

function mayStart(task: SyncTask, c: PodContainer, runtime: PodRuntime): boolean {
  try {
    refuseInBackoff(task, c, runtime);
    return true;
  } catch (err) {
    startFailed(task, c, err);
    task.changed();
    return false;
  }
}

async function killOne(task: SyncTask, runtime: PodRuntime, { instance, message, why }: ContainerKill): Promise<void> {
  const { ctx, pod, signal } = task;
  const container = findContainer(pod, instance.name)?.container;
  const probe = why === "liveness" ? container?.livenessProbe : why === "startup" ? container?.startupProbe : undefined;
  const graceSeconds = probe?.terminationGracePeriodSeconds;
  if (container !== undefined && instance.outdated !== undefined) forgive(task, container);
  await killContainer(ctx, pod, runtime, instance, { message, signal, ...(graceSeconds !== undefined && { graceSeconds }) });
}

/** Waits for all of them: none is left running behind a failure of another. */
async function together<T extends readonly unknown[] | []>(going: T): Promise<{ -readonly [P in keyof T]: Awaited<T[P]> }> {
  await Promise.allSettled(going);
  return Promise.all(going);
}

const earliest = (times: readonly number[]): number | undefined => (times.length === 0 ? undefined : Math.min(...times));
