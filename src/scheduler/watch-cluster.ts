import { isDeepStrictEqual } from "node:util";
import type { Pod } from "#api/gen/core-v1.ts";
import { isScheduled, isTerminal } from "#api/pod.ts";
import { keyOf, type KubeObject } from "#apimachinery/meta.ts";
import type { Changed, Informer } from "#client/lister.ts";
import type { SchedulerCache } from "./cache.ts";
import { assignedPodEvents, nodeEvents, type ClusterEvent } from "./cluster-events.ts";
import type { Nominations } from "./nominations.ts";
import { PodInfo } from "./pod-info.ts";
import type { SchedulingQueue } from "./queue.ts";
import type { Sources } from "./sources.ts";

export interface Followers {
  readonly cache: SchedulerCache;
  readonly queue: SchedulingQueue;
  readonly nominations: Nominations;
  /** A pod is no longer there. */
  readonly gone: (key: string) => void;
}

/** Pods that name another scheduler are not looked at. */
const schedulerName = "default-scheduler";

/** Keeps cache and queue up to date with what the informers see. Returns how to stop. */
export function watchCluster(sources: Sources, followers: Followers): () => void {
  const { cache, queue } = followers;
  const wake = (events: readonly ClusterEvent[], old: KubeObject | undefined, object: KubeObject): void => {
    for (const event of events) queue.wake({ event, old, object });
  };
  const wakeOn = <T extends KubeObject>(informer: Informer<T>, event: ClusterEvent): (() => void) =>
    informer.onChange(({ old, object }) => { if (object !== undefined) wake([event], old, object); });
  const stops = [
    sources.nodes.onChange(({ old, object }) => {
      if (object === undefined) return cache.removeNode(old.metadata.name);
      cache.setNode(object);
      wake(nodeEvents(old, object), old, object);
    }),
    sources.pods.onChange((change) => podChanged(change, followers, wake)),
    wakeOn(sources.claims, "claim/changed"),
    wakeOn(sources.volumes, "volume/changed"),
    wakeOn(sources.classes, "class/changed"),
    wakeOn(sources.namespaces, "namespace/labels"),
    wakeOn(sources.csiNodes, "csi-node/changed"),
    wakeOn(sources.drivers, "csi-driver/changed"),
    wakeOn(sources.capacities, "capacity/changed"),
    wakeOn(sources.resourceClaims, "resource-claim/changed"),
    wakeOn(sources.resourceSlices, "resource-slice/changed"),
    wakeOn(sources.deviceClasses, "device-class/changed"),
    sources.attachments.onChange(({ old, object }) => { if (object === undefined) wake(["attachment/gone"], old, old); }),
  ];
  return () => { for (const stop of stops) stop(); };
}

type Wake = (events: readonly ClusterEvent[], old: KubeObject | undefined, object: KubeObject) => void;

function podChanged({ old, object }: Changed<Pod>, followers: Followers, wake: Wake): void {
  const before = old === undefined || isTerminal(old) ? undefined : old;
  const now = object === undefined || isTerminal(object) ? undefined : object;
  if (now !== undefined && isScheduled(now)) return assigned(before, now, followers, wake);
  if (before !== undefined && isScheduled(before)) return ended(before, followers, wake);
  if (now === undefined) return before === undefined ? undefined : withdrawn(before, followers, wake);
  if ((now.spec.schedulerName ?? schedulerName) === schedulerName) waiting(before, now, followers);
}

function assigned(before: Pod | undefined, pod: Pod, { cache, queue, nominations }: Followers, wake: Wake): void {
  const key = keyOf(pod);
  const known = cache.placed(key);
  const events = assignedPodEvents(before !== undefined && isScheduled(before) ? before : undefined, pod);
  queue.delete(key);
  nominations.delete(key);
  cache.setPod(known?.pod === pod ? known : new PodInfo(pod), pod.spec.nodeName ?? "");
  wake(events, before, pod);
}

function ended(pod: Pod, { cache, gone }: Followers, wake: Wake): void {
  cache.removePod(keyOf(pod));
  gone(keyOf(pod));
  wake(["pod/gone"], pod, pod);
}

/** A pod that was not bound is no longer there: what was assumed or nominated for it is free. */
function withdrawn(pod: Pod, { cache, queue, nominations, gone }: Followers, wake: Wake): void {
  const key = keyOf(pod);
  const held = cache.isAssumed(key) || nominations.of(key) !== undefined;
  queue.delete(key);
  nominations.delete(key);
  cache.forget(key);
  gone(key);
  if (held) wake(["pod/gone"], pod, pod);
}

function waiting(before: Pod | undefined, pod: Pod, { cache, queue, nominations }: Followers): void {
  const info = new PodInfo(pod);
  if (cache.isAssumed(info.key)) return; // its binding is on the way
  if (info.isLeaving) return queue.delete(info.key);
  if (before === undefined && (pod.status.nominatedNodeName ?? "") !== "") nominations.set(info, pod.status.nominatedNodeName ?? "");
  queue.set(info, before !== undefined && matters(before, pod));
}

/** Whether a change of the pod itself may let it fit: not what the scheduler wrote. */
const matters = (before: Pod, pod: Pod): boolean => !isDeepStrictEqual(before.spec, pod.spec) || !isDeepStrictEqual(before.metadata.labels, pod.metadata.labels)
  || !isDeepStrictEqual(before.status.resourceClaimStatuses, pod.status.resourceClaimStatuses);
