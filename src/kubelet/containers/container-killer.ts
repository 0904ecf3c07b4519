/** Stops containers, with their hooks and their time. Upstream: pkg/kubelet/kuberuntime/kuberuntime_container.go killContainer */
import type { Pod } from "#api/gen/core-v1.ts";
import { loop } from "#base/component.ts";
import { RuntimeError } from "#cri/runtime.ts";
import { fieldPathOf, findContainer, type PodContainer } from "./containers.ts";
import { runHook } from "./lifecycle.ts";
import { about, uidOf } from "../names.ts";
import type { PodContext } from "../pods/pod-context.ts";
import { readySandbox, running, type ContainerInstance, type PodRuntime } from "../runtime/pod-runtime.ts";

/** However short the grace, a container has this long between the signals. Upstream: minimumGracePeriodInSeconds */
const leastSeconds = 2;

export interface KillOptions {
  /** The Killing event's text; `Stopping container <name>` by default. */
  readonly message?: string;
  /** Instead of the pod's. */
  readonly graceSeconds?: number;
  readonly signal: AbortSignal;
}

/** How long a pod's containers have. */
export const graceOf = (pod: Pod): number => pod.metadata.deletionGracePeriodSeconds ?? pod.spec.terminationGracePeriodSeconds ?? 30;

/** Stops one container: preStop, stop signal, SIGKILL when its time is over. Resolves when it is stopped, also when it was already. */
export async function killContainer(
  ctx: PodContext,
  pod: Pod,
  runtime: PodRuntime,
  instance: ContainerInstance,
  options: KillOptions,
): Promise<void> {
  const c = findContainer(pod, instance.name);
  const began = ctx.clock.now();
  const grace = options.graceSeconds ?? graceOf(pod);
  const fieldPath = c === undefined ? {} : { fieldPath: fieldPathOf(c) };
  ctx.events.event(about(pod), "Normal", "Killing", options.message ?? `Stopping container ${instance.name}`, fieldPath);
  if (c !== undefined && instance.state === "running" && grace > 0) await preStop(ctx, pod, runtime, c, instance.id, grace, options.signal);
  const left = Math.max(leastSeconds, Math.ceil(grace - (ctx.clock.now() - began) / 1_000));
  try {
    await ctx.cache.owners.stopping(instance.id, () => ctx.runtime.stopContainer({ containerId: instance.id, timeout: String(left) }, { signal: options.signal }));
  } catch (err) {
    if (!(err instanceof RuntimeError) || err.code !== "NotFound") throw err;
  } finally {
    ctx.cache.invalidate(uidOf(pod));
  }
}

/** All running containers of a pod at once; sidecars after the rest, the last first. */
export async function killPod(ctx: PodContext, pod: Pod, runtime: PodRuntime, options: KillOptions): Promise<void> {
  const alive = running(runtime);
  const sidecars = (pod.spec.initContainers ?? []).filter((c) => c.restartPolicy === "Always").map((c) => c.name);
  const began = ctx.clock.now();
  await Promise.all(alive.filter((i) => !sidecars.includes(i.name)).map((i) => killContainer(ctx, pod, runtime, i, options)));
  for (const name of sidecars.toReversed()) {
    const graceSeconds = Math.max(0, (options.graceSeconds ?? graceOf(pod)) - Math.floor((ctx.clock.now() - began) / 1_000));
    await Promise.all(alive.filter((i) => i.name === name).map((i) => killContainer(ctx, pod, runtime, i, { ...options, graceSeconds })));
  }
}

/** Stops the pod's sandboxes: the runtime takes their network away. */
export async function stopSandboxes(ctx: PodContext, runtime: PodRuntime): Promise<void> {
  await Promise.all(
    runtime.sandboxes.map((s) =>
      ctx.cache.owners.stopping(s.id, () => ctx.runtime.stopPodSandbox({ podSandboxId: s.id })).catch((err: unknown) => {
        if (!(err instanceof RuntimeError) || err.code !== "NotFound") throw err;
      }),
    ),
  );
  ctx.cache.invalidate(runtime.uid);
}

async function preStop(
  ctx: PodContext,
  pod: Pod,
  runtime: PodRuntime,
  c: PodContainer,
  containerId: string,
  graceSeconds: number,
  signal: AbortSignal,
): Promise<void> {
  const handler = c.container.lifecycle?.preStop;
  if (handler === undefined) return;
  const done = new AbortController();
  const hook = runHook(
    handler,
    { pod, container: c.container, containerId, podIp: readySandbox(runtime)?.ips[0] ?? ctx.node.addresses[0] ?? "" },
    ctx,
    AbortSignal.any([signal, done.signal]),
  ).catch((err: unknown) => {
    if (done.signal.aborted || signal.aborted) return;
    ctx.log.warn({ err: String(err), container: c.container.name }, "preStop hook failed");
    ctx.events.event(about(pod), "Warning", "FailedPreStopHook", "PreStopHook failed", { fieldPath: fieldPathOf(c) });
  });
  const limit = loop(done.signal, () => ctx.clock.sleep(graceSeconds * 1_000, AbortSignal.any([signal, done.signal])).finally(() => done.abort()));
  await Promise.race([hook, limit]).finally(() => done.abort());
  await limit.catch(() => {});
  signal.throwIfAborted();
}
