import { setCondition } from "#api/pod.ts";
import { nodes, pods } from "#api/resources.ts";
import type { Component } from "#base/component.ts";
import type { Client } from "#client/client.ts";
import { ignore } from "../ignore.ts";
import { newController, source, type ControllerDeps } from "../runner.ts";
import { plan, type Removal } from "./plan.ts";

export interface PodGcOptions { readonly periodMs: number; readonly quarantineMs: number; readonly threshold: number }
/** Upstream: gcCheckPeriod, quarantineTime, --terminated-pod-gc-threshold */
const defaults: PodGcOptions = { periodMs: 20_000, quarantineMs: 40_000, threshold: 12_500 };
const round = "all";

/** Sweeps pods that nobody else removes, all in one round. */
export function podGcController(deps: ControllerDeps, given: Partial<PodGcOptions> = {}): Component {
  const nodeCache = deps.informers.for(nodes);
  const podCache = deps.informers.for(pods);
  const options = { ...defaults, ...given };
  const { clock, steady = clock } = deps;
  const goneSince = new Map<string, number>();
  return newController(deps, (client) => ({
    sources: [source(nodes, nodeCache, () => []), source(pods, podCache, () => [])],
    workers: 1, start: [round],
    reconciler: {
      name: "pod-gc",
      async reconcile(_key, signal) {
        const now = steady.now();
        const there = new Map(nodeCache.list().map((node) => [node.metadata.name, node]));
        const named = new Set(podCache.list().flatMap(({ spec }) => (spec.nodeName ? [spec.nodeName] : [])));
        for (const name of goneSince.keys()) if (there.has(name) || !named.has(name)) goneSince.delete(name);
        for (const name of named) if (!there.has(name) && !goneSince.has(name)) goneSince.set(name, now);
        for (const removal of plan(podCache.list(), there, goneSince, { now, ...options })) await remove(client, removal, clock.now(), signal);
        return { afterMs: options.periodMs };
      },
    },
  }));
}

async function remove(client: Client, { pod, why, fail }: Removal, now: number, signal: AbortSignal): Promise<void> {
  const { name, namespace, uid = "" } = pod.metadata;
  if (fail) {
    const conditions = why === "orphaned"
      ? setCondition(pod.status.conditions, { type: "DisruptionTarget", status: "True", reason: "DeletionByPodGC", message: "PodGC: node no longer exists" }, now)
      : pod.status.conditions;
    await client.resource(pods).patch(name, namespace, { type: "strategic", body: { metadata: { uid }, status: { phase: "Failed", conditions } } }, { subresource: "status", signal }).catch(ignore("NotFound", "Conflict"));
  }
  await client.resource(pods).delete(name, namespace, { gracePeriodSeconds: 0, preconditions: { uid }, signal }).catch(ignore("NotFound", "Conflict"));
}
