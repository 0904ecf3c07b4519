/** Puts a resize in force: what may stay is changed in place, what must be made anew is marked for it. Upstream: pkg/kubelet/kuberuntime/kuberuntime_manager.go doPodResizeAction */
import type { Pod } from "#api/gen/core-v1.ts";
import { messageOf } from "#base/error-message.ts";
import type { Allocation, ContainerResize } from "./allocation.ts";
import { uidOf } from "../names.ts";
import type { PodRuntime } from "../runtime/pod-runtime.ts";
import { tellError } from "./resize-events.ts";
import { containerResources, memoryBytes, podAmount, withPodLimits } from "./resources.ts";
import type { SyncTask } from "../pods/sync-task.ts";

const retryMs = 10_000;

/** What the runtime has, with a word about each instance that its resize makes out of date. */
export function withOutdated(pod: Pod, runtime: PodRuntime, allocation: Allocation): PodRuntime {
  const restarts = allocation.resizes(pod, runtime).filter(({ restart }) => restart);
  if (restarts.length === 0) return runtime;
  const outdated = (id: string): string | undefined => {
    const resize = restarts.find(({ instance }) => instance.id === id);
    return resize === undefined ? undefined : `Container ${resize.container.name} resize requires restart`;
  };
  return {
    ...runtime,
    containers: runtime.containers.map((instance) => {
      const why = outdated(instance.id);
      return why === undefined ? instance : { ...instance, outdated: why };
    }),
  };
}

/**
 * Brings the pod's cgroup and its running containers to what was given: the pod grows before its containers and shrinks
 * after them. Returns when to try again, in milliseconds since 1970, if something could not be changed.
 */
export async function resizeInPlace({ ctx, pod, allocation, changed }: SyncTask, runtime: PodRuntime): Promise<number | undefined> {
  const resizes = allocation.resizes(pod, runtime).filter(({ restart }) => !restart);
  if (resizes.length === 0 && !allocation.podDiffers) {
    await ctx.cgroups.ensure(pod);
    return undefined;
  }
  changed();
  try {
    const before = allocation.actual(pod);
    await refuseBelowPodUsage(ctx, pod, before);
    await ctx.cgroups.ensure(pod, before);
    for (const resize of resizes) await resizeOne({ ctx, pod }, resize).then(() => allocation.made(pod, resize.container, resize.instance.id));
    await ctx.cgroups.ensure(pod);
    allocation.podDone();
    allocation.error = undefined;
    return undefined;
  } catch (err) {
    tellError(ctx, pod, allocation, messageOf(err));
    return ctx.clock.now() + retryMs;
  } finally {
    ctx.cache.invalidate(uidOf(pod));
    changed();
  }
}

async function resizeOne({ ctx, pod }: Pick<SyncTask, "ctx" | "pod">, { container, instance, from }: ContainerResize): Promise<void> {
  const limit = memoryBytes(withPodLimits(pod, container), "limits");
  if (limit > 0 && limit < memoryBytes({ name: container.name, resources: from }, "limits")) await refuseBelowUsage(ctx, instance.id, limit);
  const linux = containerResources(pod, container, ctx.node.cgroupV2, ctx.node.memoryCapacity);
  await ctx.runtime.updateContainerResources({ containerId: instance.id, linux });
}

/** The kernel would kill the container. */
async function refuseBelowUsage({ runtime }: SyncTask["ctx"], containerId: string, limit: number): Promise<void> {
  const { stats } = await runtime.containerStats({ containerId }).catch(() => ({ stats: undefined }));
  const usage = Number(stats?.memory?.usageBytes?.value ?? stats?.memory?.workingSetBytes?.value ?? 0);
  if (usage > limit) throw new Error(`attempting to set container memory limit (${limit}) below current usage (${usage})`);
}

/** The kernel would kill something in the pod. */
async function refuseBelowPodUsage({ cgroups }: SyncTask["ctx"], pod: Pod, before: Pod): Promise<void> {
  const limit = podAmount(pod, "limits", "memory");
  if (limit === 0 || limit >= podAmount(before, "limits", "memory")) return;
  const usage = await cgroups.memoryUsage(pod);
  if (usage > limit) throw new Error(`attempting to set pod memory limit (${limit}) below current usage (${usage})`);
}
