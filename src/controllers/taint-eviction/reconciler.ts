import { nodes, pods } from "#api/resources.ts";
import { keyOf, splitKey } from "#apimachinery/meta.ts";
import type { Component } from "#base/component.ts";
import { ignore } from "../ignore.ts";
import { newController, source, type ControllerDeps } from "../runner.ts";
import { plan } from "./plan.ts";

/** Deletes pods that do not bear their node's NoExecute taints, when their time there is over. Key: the pod. */
export function taintEvictionController(deps: ControllerDeps): Component {
  const nodeCache = deps.informers.for(nodes);
  const podCache = deps.informers.for(pods);
  podCache.addIndex("node", ({ spec }) => (spec.nodeName ? [spec.nodeName] : []));
  const events = deps.events("taint-eviction-controller");
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
        if (pod === undefined || taints === undefined) return;
        const now = deps.clock.now();
        const next = plan(pod, taints, now);
        if (next.action === "stay") return;
        if (next.leaveAt > now) return { afterMs: next.leaveAt - now };
        events.event(pod, "Normal", "TaintManagerEviction", `Marking for deletion Pod ${key}`);
        const { name, namespace } = splitKey(key);
        await client.resource(pods).delete(name, namespace, { preconditions: { uid: pod.metadata.uid ?? "" }, signal }).catch(ignore("NotFound", "Conflict"));
      },
    },
  }));
}
