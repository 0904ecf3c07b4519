import { clusterRoles } from "#api/resources.ts";
import type { Component } from "#base/component.ts";
import { ignore } from "../ignore.ts";
import { newController, source, type ControllerDeps } from "../runner.ts";
import { plan } from "./plan.ts";

/** Writes into aggregated ClusterRoles what they gather. Key: the role. The authorizer itself does not wait for it. */
export function clusterRoleAggregationController(deps: ControllerDeps): Component {
  const cache = deps.informers.for(clusterRoles);
  const aggregated = (): string[] => cache.list().filter(({ aggregationRule }) => aggregationRule !== undefined).map(({ metadata }) => metadata.name);
  return newController(deps, (client) => ({
    sources: [source(clusterRoles, cache, aggregated)],
    workers: 1,
    reconciler: {
      name: "clusterrole-aggregation",
      async reconcile(key, signal) {
        const role = cache.get(key);
        const rules = role && plan(role, cache.list());
        if (role !== undefined && rules !== undefined) await client.resource(clusterRoles).update({ ...role, rules: [...rules] }, { signal }).catch(ignore("NotFound"));
      },
    },
  }));
}
