import type { Pod, PodCondition } from "#api/gen/core-v1.ts";
import { setCondition } from "#api/pod.ts";
import { pods } from "#api/resources.ts";
import type { Client } from "#client/client.ts";
import type { EventRecorder } from "#client/events.ts";
import type { Informer } from "#client/lister.ts";
import { ignore } from "../ignore.ts";
import type { Reconciler } from "../reconciler.ts";
import type { ControllerDeps } from "../runner.ts";
import type { Plan } from "./plan.ts";

export interface EvictionOptions {
  readonly name: string;
  readonly pods: Informer<Pod>;
  readonly events: EventRecorder;
  /** Of the events that tell of it. */
  readonly eventReason: string;
  /** Why it goes, in its condition `DisruptionTarget`. */
  readonly because: Pick<PodCondition, "reason" | "message">;
  /** @param noticed when it was first known that the pod must leave */
  readonly plan: (pod: Pod, now: number, noticed: number) => Plan;
}

/** Lets pods go when their time is over, however often it is looked at meanwhile. Key: the pod. Upstream: tainteviction timed_workers.go, devicetainteviction */
export function evictionReconciler({ clock }: Pick<ControllerDeps, "clock">, client: Client, { name, pods: podCache, events, eventReason, because, plan }: EvictionOptions): Reconciler {
  /** Pods whose time runs, and since when. */
  const leaving = new Map<string, { readonly uid: string | undefined; readonly noticed: number }>();
  return {
    name,
    async reconcile(key, signal) {
      const pod = podCache.get(key);
      const now = clock.now();
      const known = leaving.get(key);
      const noticed = known !== undefined && known.uid === pod?.metadata.uid ? known.noticed : now;
      const next = pod === undefined ? undefined : plan(pod, now, noticed);
      if (pod === undefined || next?.action !== "leave") {
        if (leaving.delete(key) && pod !== undefined && pod.metadata.deletionTimestamp === undefined) events.event(pod, "Normal", eventReason, `Cancelling deletion of Pod ${key}`);
        return;
      }
      leaving.set(key, { uid: pod.metadata.uid, noticed });
      if (next.leaveAt > now) return { afterMs: next.leaveAt - now };
      events.event(pod, "Normal", eventReason, `Marking for deletion Pod ${key}`);
      await evict(client, pod, { type: "DisruptionTarget", status: "True", ...because }, now, signal);
      leaving.delete(key);
    },
  };
}

/** Says why first. Upstream: addConditionAndDeletePod */
async function evict(client: Client, pod: Pod, because: PodCondition, now: number, signal: AbortSignal): Promise<void> {
  const { name, namespace, uid = "" } = pod.metadata;
  const conditions = setCondition(pod.status.conditions, because, now);
  await client.resource(pods).patch(name, namespace, { type: "strategic", body: { metadata: { uid }, status: { conditions } } }, { subresource: "status", signal }).catch(ignore("NotFound", "Conflict"));
  await client.resource(pods).delete(name, namespace, { preconditions: { uid }, signal }).catch(ignore("NotFound", "Conflict"));
}
