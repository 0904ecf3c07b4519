import { nodes, pods } from "#api/resources.ts";
import type { Pod } from "#api/gen/core-v1.ts";
import { setCondition } from "#api/pod.ts";
import { keyOf } from "#apimachinery/meta.ts";
import type { Component } from "#base/component.ts";
import type { Client } from "#client/client.ts";
import { ignore } from "../ignore.ts";
import { newController, source, type ControllerDeps } from "../runner.ts";
import { plan } from "./plan.ts";

/** Deletes pods that do not bear their node's NoExecute taints, when their time there is over. Key: the pod. */
export function taintEvictionController(deps: ControllerDeps): Component {
  const nodeCache = deps.informers.for(nodes);
  const podCache = deps.informers.for(pods);
  podCache.addIndex("node", ({ spec }) => (spec.nodeName ? [spec.nodeName] : []));
  const events = deps.events("taint-eviction-controller");
  /** Pods whose time runs, and since when. */
  const leaving = new Map<string, { readonly uid: string | undefined; readonly noticed: number }>();
  return newController(deps, (client) => ({
    sources: [
      source(nodes, nodeCache, ({ metadata }) => podCache.by("node", metadata.name).map(keyOf)),
      source(pods, podCache, (pod) => [keyOf(pod)]),
    ],
    reconciler: {
      name: "taint-eviction",
      async reconcile(key, signal) {
        const pod = podCache.get(key);
        const taints = pod?.spec.nodeName ? nodeCache.get(pod.spec.nodeName)?.spec.taints : undefined;
        const now = deps.clock.now();
        const known = leaving.get(key);
        const noticed = known !== undefined && known.uid === pod?.metadata.uid ? known.noticed : now;
        const next = pod === undefined ? undefined : plan(pod, taints ?? [], now, noticed);
        if (pod === undefined || next?.action !== "leave") {
          if (leaving.delete(key) && pod !== undefined && pod.metadata.deletionTimestamp === undefined) events.event(pod, "Normal", "TaintManagerEviction", `Cancelling deletion of Pod ${key}`);
          return;
        }
        leaving.set(key, { uid: pod.metadata.uid, noticed });
        if (next.leaveAt > now) return { afterMs: next.leaveAt - now };
        events.event(pod, "Normal", "TaintManagerEviction", `Marking for deletion Pod ${key}`);
        await evict(client, pod, now, signal);
        leaving.delete(key);
      },
    },
  }));
}

/** Says why first. Upstream: addConditionAndDeletePod */
async function evict(client: Client, pod: Pod, now: number, signal: AbortSignal): Promise<void> {
  const { name, namespace, uid = "" } = pod.metadata;
  const conditions = setCondition(pod.status.conditions, { type: "DisruptionTarget", status: "True", reason: "DeletionByTaintManager", message: "Taint manager: deleting due to NoExecute taint" }, now);
  await client.resource(pods).patch(name, namespace, { type: "strategic", body: { metadata: { uid }, status: { conditions } } }, { subresource: "status", signal }).catch(ignore("NotFound", "Conflict"));
  await client.resource(pods).delete(name, namespace, { preconditions: { uid }, signal }).catch(ignore("NotFound", "Conflict"));
}
