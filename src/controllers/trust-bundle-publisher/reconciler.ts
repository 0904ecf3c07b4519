import { clusterTrustBundles } from "#api/resources.ts";
import type { Component } from "#base/component.ts";
import { ignore } from "../ignore.ts";
import { newController, source, type ControllerDeps } from "../runner.ts";
import { plan, servingSigner } from "./plan.ts";

const key = "all";

/** Keeps the ClusterTrustBundle of the API server's authority. Key: always the same. Upstream: pkg/controller/certificates/clustertrustbundlepublisher */
export function trustBundlePublisher(deps: ControllerDeps, ca: string): Component {
  const bundles = deps.informers.for(clusterTrustBundles, { fieldSelector: `spec.signerName=${servingSigner}` });
  return newController(deps, (client) => ({
    sources: [source(clusterTrustBundles, bundles, () => [key])],
    workers: 1, start: [key],
    reconciler: {
      name: "trust-bundle-publisher",
      async reconcile(_key, signal) {
        const { write, remove } = plan(bundles.list(), ca);
        const resource = client.resource(clusterTrustBundles);
        if (write?.action === "create") await resource.create(write.bundle, { signal });
        if (write?.action === "update") await resource.update(write.bundle, { signal });
        for (const name of remove) await resource.delete(name, undefined, { signal }).catch(ignore("NotFound"));
      },
    },
  }));
}
