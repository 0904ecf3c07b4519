import { nodes, pods } from "#api/resources.ts";
import { keyOf } from "#apimachinery/meta.ts";
import type { Component } from "#base/component.ts";
import { newController, source, type ControllerDeps } from "../runner.ts";
import { evictionReconciler } from "./eviction.ts";
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
    reconciler: evictionReconciler(deps, client, {
      name: "taint-eviction", pods: podCache, events, eventReason: "TaintManagerEviction",
      because: { reason: "DeletionByTaintManager", message: "Taint manager: deleting due to NoExecute taint" },
      plan: (pod, now, noticed) => plan(pod, (pod.spec.nodeName ? nodeCache.get(pod.spec.nodeName)?.spec.taints : undefined) ?? [], now, noticed),
    }),
  }));
}
