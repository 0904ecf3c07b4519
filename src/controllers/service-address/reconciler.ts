import { ipAddresses, services } from "#api/resources.ts";
import type { Component } from "#base/component.ts";
import { ignore } from "../ignore.ts";
import { newController, source, type ControllerDeps } from "../runner.ts";
import { addressesOf, plan } from "./plan.ts";

/** Keeps an IPAddress for each address of a Service. Key: the address. */
export function serviceAddressController(deps: ControllerDeps): Component {
  const owners = deps.informers.for(services);
  const addresses = deps.informers.for(ipAddresses);
  owners.addIndex("clusterIP", addressesOf);
  return newController(deps, (client) => ({
    sources: [source(services, owners, addressesOf), source(ipAddresses, addresses, ({ metadata }) => [metadata.name])],
    reconciler: {
      name: "service-address",
      async reconcile(key, signal) {
        const next = plan(key, owners.by("clusterIP", key)[0], addresses.get(key));
        if (next.action === "create") await client.resource(ipAddresses).create(next.address, { signal }).catch(ignore("AlreadyExists"));
        if (next.action === "delete") await client.resource(ipAddresses).delete(key, undefined, { signal }).catch(ignore("NotFound"));
      },
    },
  }));
}
