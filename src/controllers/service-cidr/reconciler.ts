import { serviceCidrs } from "#api/resources.ts";
import type { Component } from "#base/component.ts";
import { ignore } from "../ignore.ts";
import { newController, source, type ControllerDeps } from "../runner.ts";
import { defaultName, defaultServiceCidr, marked } from "./plan.ts";

/** Keeps the ServiceCIDR `kubernetes`, and says of each whether it is used. Key: the range's name. */
export function serviceCidrController(deps: ControllerDeps, cidr: string): Component {
  const ranges = deps.informers.for(serviceCidrs);
  return newController(deps, (client) => ({
    sources: [source(serviceCidrs, ranges, ({ metadata }) => [metadata.name])],
    workers: 1, start: [defaultName],
    reconciler: {
      name: "service-cidr",
      async reconcile(key, signal) {
        const found = ranges.get(key);
        if (found === undefined && key === defaultName) await client.resource(serviceCidrs).create(defaultServiceCidr(cidr), { signal }).catch(ignore("AlreadyExists"));
        const next = found && marked(found, cidr, deps.clock.now());
        if (next !== undefined) await client.resource(serviceCidrs).update(next, { subresource: "status", signal }).catch(ignore("NotFound"));
      },
    },
  }));
}
