/**
 * The end of one container that starts all of the pod's anew, in the sandbox that stands: init containers run again.
 * Those that run are stopped without hooks and without their time, and all are removed, so that nothing of before is taken
 * for what comes after; who began it goes last, so that a kubelet in between does the same. Upstream:
 * pkg/kubelet/container ShouldAllContainersRestart, docs of `RestartAllContainersOnContainerExits`
 */
import type { Pod } from "#api/gen/core-v1.ts";
import { couldRestartAll, ruleFor } from "#api/restart-rules.ts";
import { killContainer } from "../containers/container-killer.ts";
import { containersOf, type PodContainer } from "../containers/containers.ts";
import { forgetInstances } from "../runtime/gc.ts";
import { uidOf } from "../names.ts";
import { instanceOf, running, type ContainerInstance, type PodRuntime } from "../runtime/pod-runtime.ts";
import type { SyncTask } from "./sync-task.ts";

export interface RestartOfAll {
  /** Whose end it was. */
  readonly begunBy: readonly PodContainer[];
  readonly stop: readonly ContainerInstance[];
  /** In this order. */
  readonly remove: readonly ContainerInstance[];
}

/** Undefined when nothing of the kind is due. Ephemeral containers stay as they are. */
export function restartOfAll(pod: Pod, runtime: PodRuntime): RestartOfAll | undefined {
  if (pod.metadata.deletionTimestamp !== undefined || !couldRestartAll(pod.spec)) return undefined;
  const all = containersOf(pod).filter(({ kind }) => kind !== "ephemeral");
  const begunBy = all.filter(({ container }) => {
    const last = instanceOf(runtime, container.name);
    return last?.state === "exited" && ruleFor(container, last.exitCode)?.action === "RestartAllContainers";
  });
  if (begunBy.length === 0) return undefined;
  const own = runtime.containers.filter(({ name }) => all.some(({ container }) => container.name === name));
  const first = own.filter(({ name }) => !begunBy.some(({ container }) => container.name === name));
  return { begunBy, stop: running(runtime).filter((instance) => own.includes(instance)), remove: [...first, ...own.filter((instance) => !first.includes(instance))] };
}

export async function stopAll({ ctx, pod, signal }: SyncTask, runtime: PodRuntime, { stop }: RestartOfAll): Promise<void> {
  await Promise.all(stop.map((instance) => killContainer(ctx, pod, runtime, instance, { graceSeconds: 0, signal })));
}

/** The pod is afterwards as one whose sandbox was just made; only the logs know how often its containers ran. */
export async function removeThem({ ctx, pod }: SyncTask, { remove }: RestartOfAll): Promise<void> {
  await forgetInstances(ctx, pod, remove);
  await ctx.cache.refresh(uidOf(pod));
}
