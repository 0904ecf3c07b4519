/** Dead containers, old sandboxes and what is left on disk. Upstream: pkg/kubelet/kuberuntime/kuberuntime_gc.go */
import { readdir, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Pod } from "#api/gen/core-v1.ts";
import { RuntimeError } from "#cri/runtime.ts";
import { uidOf } from "../names.ts";
import { containerLogPath } from "../paths.ts";
import type { PodContext } from "../pods/pod-context.ts";
import type { ContainerInstance, PodRuntime } from "./pod-runtime.ts";

/** While a pod lives, each container keeps one dead instance beside its newest, for `logs --previous`. */
const keptDead = 1;

export async function collectGarbage(ctx: PodContext, pod: Pod, runtime: PodRuntime): Promise<void> {
  const byName = Map.groupBy(runtime.containers, (c) => c.name);
  const superfluous = [...byName.values()].flatMap((instances) =>
    instances.slice(1 + keptDead).filter((c) => c.state === "exited" || c.state === "created"),
  );
  for (const instance of superfluous) await removeContainer(ctx, pod, instance);
  const used = new Set(runtime.containers.filter((c) => !superfluous.includes(c)).map((c) => c.sandboxId));
  const old = runtime.sandboxes.slice(1).filter((s) => !s.ready && !used.has(s.id));
  for (const { id } of old) await removeSandbox(ctx, id);
  if (superfluous.length + old.length > 0) ctx.cache.invalidate(uidOf(pod));
}

/** Removes everything that the runtime and the disk have of a pod whose API object is gone. Throws what the runtime refuses. */
export async function removeAll(ctx: PodContext, runtime: PodRuntime, logs: string): Promise<void> {
  await removeFromRuntime(ctx, runtime);
  await Promise.all([rm(logs, { recursive: true, force: true }), rm(ctx.paths.pod(runtime.uid), { recursive: true, force: true })]);
}

/** Removes the containers and sandboxes of a pod that has ended. */
export async function removeFromRuntime(ctx: PodContext, { uid, containers, sandboxes }: PodRuntime): Promise<void> {
  for (const { id } of containers) await removeInstance(ctx, id);
  for (const { id } of sandboxes) await removeSandbox(ctx, id);
  ctx.cache.invalidate(uid);
}

async function removeContainer(ctx: PodContext, pod: Pod, { id, name, restartCount }: ContainerInstance): Promise<void> {
  await removeInstance(ctx, id);
  await removeLogs(join(ctx.paths.logs(pod), containerLogPath(name, restartCount)));
}

/** Removes instances of a pod that lives. The log of each container's last one stays: it tells how often the container ran, as those before do not have to. */
export async function forgetInstances(ctx: PodContext, pod: Pod, instances: readonly ContainerInstance[]): Promise<void> {
  for (const { id } of instances) await removeInstance(ctx, id);
  const last = new Map(instances.toSorted((a, b) => a.restartCount - b.restartCount).map(({ name, restartCount }) => [name, restartCount]));
  for (const [name, count] of last) {
    const logs = await readdir(join(ctx.paths.logs(pod), name)).catch((): string[] => []);
    const old = new Set(logs.map((file) => Number.parseInt(file, 10)).filter((number) => number < count));
    for (const number of old) await removeLogs(join(ctx.paths.logs(pod), containerLogPath(name, number)));
  }
}

/** The log of one instance, with what was rotated of it. */
async function removeLogs(path: string): Promise<void> {
  const names = await readdir(dirname(path)).catch((): string[] => []);
  const own = names.filter((name) => name === basename(path) || name.startsWith(`${basename(path)}.`));
  await Promise.all(own.map((name) => rm(join(dirname(path), name), { force: true })));
}

async function removeInstance({ cache, runtime }: PodContext, id: string): Promise<void> {
  cache.owners.forget(id);
  await gone(runtime.removeContainer({ containerId: id }));
}

async function removeSandbox({ cache, runtime }: PodContext, id: string): Promise<void> {
  cache.owners.forget(id);
  await gone(runtime.removePodSandbox({ podSandboxId: id }));
}

async function gone(call: Promise<object>): Promise<void> {
  try {
    await call;
  } catch (err) {
    if (!(err instanceof RuntimeError) || err.code !== "NotFound") throw err;
  }
}
