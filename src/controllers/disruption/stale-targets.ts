import { getCondition } from "#api/conditions.ts";
import { deletionTimeoutMs } from "#api/disruption.ts";
import type { Pod } from "#api/gen/core-v1.ts";
import { isTerminal, setCondition } from "#api/pod.ts";
import { pods } from "#api/resources.ts";
import { keyOf } from "#apimachinery/meta.ts";
import type { Component } from "#base/component.ts";
import { ignore } from "../ignore.ts";
import { newController, source, type ControllerDeps } from "../runner.ts";
import { millis } from "../time.ts";

/** When a pod that was to be disrupted and still stands is no longer to be; undefined when nothing is to be taken back. In ms since the epoch. */
export function staleAt(pod: Pod): number | undefined {
  const condition = getCondition(pod.status.conditions, "DisruptionTarget");
  if (condition?.status !== "True" || pod.metadata.deletionTimestamp !== undefined || isTerminal(pod)) return undefined;
  return millis(condition.lastTransitionTime) + deletionTimeoutMs;
}

/** Takes back the condition DisruptionTarget of pods that were not disrupted after all. Upstream: pkg/controller/disruption syncStalePodDisruption */
export function staleTargetController(deps: ControllerDeps): Component {
  const podCache = deps.informers.for(pods);
  return newController(deps, (client) => ({
    sources: [source(pods, podCache, (pod) => (staleAt(pod) === undefined ? [] : [keyOf(pod)]))],
    reconciler: {
      name: "stale-disruption-targets",
      async reconcile(key, signal) {
        const pod = podCache.get(key);
        const at = pod && staleAt(pod);
        if (pod === undefined || at === undefined) return;
        const now = deps.clock.now();
        if (at > now) return { afterMs: at - now };
        const { name, namespace, uid } = pod.metadata;
        const conditions = setCondition(pod.status.conditions, { type: "DisruptionTarget", status: "False" }, now);
        await client.resource(pods).patch(name, namespace, { type: "strategic", body: { metadata: { uid }, status: { conditions } } }, { subresource: "status", signal }).catch(ignore("NotFound", "Conflict"));
      },
    },
  }));
}
