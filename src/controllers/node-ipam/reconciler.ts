import { nodes } from "#api/resources.ts";
import type { Component } from "#base/component.ts";
import { newController, source, type ControllerDeps } from "../runner.ts";
import { freeSubnet } from "./plan.ts";

/** Gives every node its part of the pods' addresses. One at a time, so that none is given twice. Upstream: pkg/controller/nodeipam/ipam/range_allocator.go */
export function nodeIpamController(deps: ControllerDeps, clusterCidr: string): Component {
  const cache = deps.informers.for(nodes);
  const given = new Map<string, string>();
  const events = deps.events("cidrAllocator");
  return newController(deps, (client) => ({
    sources: [source(nodes, cache, ({ metadata }) => [metadata.name])],
    workers: 1,
    reconciler: {
      name: "node-ipam",
      async reconcile(key, signal) {
        const node = cache.get(key);
        if (node === undefined) return void given.delete(key);
        if (node.spec.podCIDR) return void given.set(key, node.spec.podCIDR);
        const taken = new Set([...cache.list().flatMap(({ spec }) => (spec.podCIDR ? [spec.podCIDR] : [])), ...given.values()]);
        const podCIDR = given.get(key) ?? freeSubnet(clusterCidr, taken);
        if (podCIDR === undefined) {
          events.event(node, "Normal", "CIDRNotAvailable", `Node ${key} status is now: CIDRNotAvailable`);
          throw new Error(`no pod addresses are left in ${clusterCidr}`);
        }
        given.set(key, podCIDR);
        await client.resource(nodes).patch(key, undefined, { type: "merge", body: { spec: { podCIDR, podCIDRs: [podCIDR] } } }, { signal });
      },
    },
  }));
}
