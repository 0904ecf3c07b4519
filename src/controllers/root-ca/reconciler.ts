import { configMaps, namespaces } from "#api/resources.ts";
import type { Component } from "#base/component.ts";
import { newController, source, type ControllerDeps } from "../runner.ts";
import { ignore } from "../ignore.ts";
import { plan, rootCaName } from "./plan.ts";

/** Keeps the ConfigMap `kube-root-ca.crt` in every namespace. Key: the namespace. Upstream: pkg/controller/certificates/rootcacertpublisher */
export function rootCaController(deps: ControllerDeps, ca: string): Component {
  const spaces = deps.informers.for(namespaces);
  const maps = deps.informers.for(configMaps, { fieldSelector: `metadata.name=${rootCaName}` });
  return newController(deps, (client) => ({
    sources: [source(namespaces, spaces, ({ metadata }) => [metadata.name]), source(configMaps, maps, ({ metadata }) => [metadata.namespace ?? ""])],
    reconciler: {
      name: "root-ca",
      async reconcile(key, signal) {
        const next = plan(spaces.get(key), maps.get(`${key}/${rootCaName}`), ca);
        if (next.action === "create") await client.resource(configMaps).create(next.map, { signal }).catch(ignore("AlreadyExists", "NotFound", "Forbidden"));
        if (next.action === "update") await client.resource(configMaps).update(next.map, { signal });
      },
    },
  }));
}
