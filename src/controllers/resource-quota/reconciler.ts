import type { ResourceQuota } from "#api/gen/core-v1.ts";
import type { Evaluator } from "#api/quota/evaluator.ts";
import { resourceQuotas } from "#api/resources.ts";
import { semanticEqual } from "#apimachinery/equal.ts";
import { keyOf } from "#apimachinery/meta.ts";
import type { Component } from "#base/component.ts";
import { ignore } from "../ignore.ts";
import { newController, source, type ControllerDeps } from "../runner.ts";
import { namesOf, plan } from "./plan.ts";
import { TrackedResources } from "./tracked.ts";

/** Everything is counted again after this time. Upstream: --resource-quota-sync-period */
const defaultResyncMs = 300_000;
/** A charge is written before its object: for this long after one, a count may miss something. */
const quietMs = 500;
/** In a namespace that never rests, a count must come at last. */
const patienceMs = 10_000;

/**
 * Counts what is used of each quota: when it is made or changed, when something that it counts goes, and now and
 * then. What is created is charged by admission, in the quota's own status. Key: the quota.
 */
export function resourceQuotaController(deps: ControllerDeps, resyncMs: number = defaultResyncMs): Component {
  const { clock, steady = clock } = deps;
  const quotas = deps.informers.for(resourceQuotas);
  const charged = new Map<string, number>();
  const waiting = new Map<string, number>();
  return newController(deps, (client) => {
    let enqueue: (key: string) => void = () => {};
    const freed = (namespace: string, evaluator: Evaluator): void => {
      for (const quota of quotas.list(namespace)) if (namesOf(quota, evaluator).length > 0) enqueue(keyOf(quota));
    };
    const tracked = new TrackedResources({ client, informers: deps.informers, clock, steady }, freed);
    return {
      sources: [source(resourceQuotas, quotas, () => [])],
      attach(add) {
        enqueue = add;
        quotas.onChange(({ old, object }) => {
          const key = keyOf(object ?? old);
          if (object === undefined) charged.delete(key);
          else if (old === undefined || isChanged(old, object)) add(key);
          else charged.set(key, steady.now());
        });
      },
      reconciler: {
        name: "resource-quota",
        async reconcile(key, signal) {
          const quota = quotas.get(key);
          if (quota === undefined) return void waiting.delete(key);
          const again = unrest(charged.get(key), waiting, key, steady.now());
          if (again !== undefined) return { afterMs: again };
          const counted = (await tracked.for(Object.keys(quota.spec.hard ?? {}), signal)).map(({ evaluator, informer }) => ({ evaluator, objects: informer.list(quota.metadata.namespace ?? "") }));
          const status = plan(quota, counted, clock.now());
          if (status !== undefined) await client.resource(resourceQuotas).update({ ...quota, status }, { subresource: "status", signal }).then(() => undefined, ignore("NotFound"));
          return { afterMs: resyncMs };
        },
      },
    };
  });
}

/** Its own count or a charge changes the status only. */
const isChanged = (old: ResourceQuota, next: ResourceQuota): boolean => !semanticEqual(old.spec, next.spec) || old.metadata.uid !== next.metadata.uid || !semanticEqual(Object.keys(next.status.hard ?? {}).toSorted(), Object.keys(next.spec.hard ?? {}).toSorted());

/** How long to wait until the last charge has settled; undefined: count now. */
function unrest(chargedAt: number | undefined, waiting: Map<string, number>, key: string, now: number): number | undefined {
  const since = waiting.get(key) ?? now;
  const left = chargedAt === undefined ? 0 : chargedAt + quietMs - now;
  if (left <= 0 || now - since >= patienceMs) {
    waiting.delete(key);
    return undefined;
  }
  waiting.set(key, since);
  return left;
}
