import type { Container, Pod } from "#api/gen/core-v1.ts";
import { goDuration } from "#apimachinery/go-duration.ts";
import type { PodContainer } from "./containers.ts";
import { formatPod, uidOf } from "../names.ts";
import type { PodRuntime } from "../runtime/pod-runtime.ts";
import { hashOf } from "./restart.ts";
import { StartError } from "./start-error.ts";
import { say, type SyncTask } from "../pods/sync-task.ts";

const keyOf = (pod: Pod, container: Container): string => `${uidOf(pod)}/${container.name}/${hashOf(container)}`;

/** A container that we stop ourselves, to make it anew, has not crashed. */
export const forgive = ({ ctx, pod }: SyncTask, container: Container): void => ctx.crashes.reset(keyOf(pod, container));

/** Throws `StartError` `CrashLoopBackOff` while a container that ended must wait; counts the try otherwise. Upstream: pkg/kubelet/kuberuntime/kuberuntime_manager.go doBackOff */
export function refuseInBackoff(task: SyncTask, c: PodContainer, runtime: PodRuntime): void {
  const { ctx, pod } = task;
  const { name } = c.container;
  const last = runtime.containers.find((i) => i.name === name && i.state === "exited");
  if (last === undefined) return;
  const key = keyOf(pod, c.container);
  const notBefore = ctx.crashes.blockedUntil(key, last.finishedAt);
  if (notBefore === undefined) return ctx.crashes.next(key, last.finishedAt);
  say(task, c, "Warning", "BackOff", `Back-off restarting failed container ${name} in pod ${formatPod(pod)}`);
  const wait = goDuration(ctx.crashes.waitMs(key));
  throw new StartError("CrashLoopBackOff", `back-off ${wait} restarting failed container=${name} pod=${formatPod(pod)}`, { notBefore });
}
