import { nodes } from "#api/resources.ts";
import type { Component } from "#base/component.ts";
import { ignore } from "../ignore.ts";
import { newController, source, type ControllerDeps } from "../runner.ts";
import { ttlAnnotation, ttlSeconds } from "./plan.ts";

/** Tells every node's kubelet by an annotation how long it may trust its caches. Key: the node. Upstream: pkg/controller/ttl/ttl_controller.go */
export function nodeTtlController(deps: ControllerDeps): Component {
  const cache = deps.informers.for(nodes);
  let seconds = 0;
  return newController(deps, (client) => ({
    sources: [source(nodes, cache, ({ metadata }) => [metadata.name])],
    reconciler: {
      name: "node-ttl",
      async reconcile(key, signal) {
        const node = cache.get(key);
        seconds = ttlSeconds(cache.list().length, seconds);
        if (node === undefined || node.metadata.annotations?.[ttlAnnotation] === String(seconds)) return;
        await client.resource(nodes).patch(key, undefined, { type: "strategic", body: { metadata: { annotations: { [ttlAnnotation]: String(seconds) } } } }, { signal }).catch(ignore("NotFound"));
      },
    },
  }));
}
