import { podCertificateRequests } from "#api/resources.ts";
import type { Component } from "#base/component.ts";
import { ignore } from "../ignore.ts";
import { newController, source, type ControllerDeps } from "../runner.ts";
import { isOver } from "./pod-request-expiry.ts";

const roundMs = 5 * 60_000;
const key = "all";

/** Deletes PodCertificateRequests that have served their time, every five minutes. Key: always the same. Upstream: pkg/controller/certificates/cleaner/pcrcleaner.go */
export function podRequestCleaner(deps: ControllerDeps): Component {
  const cache = deps.informers.for(podCertificateRequests);
  return newController(deps, (client) => ({
    sources: [source(podCertificateRequests, cache, () => [])],
    workers: 1, start: [key],
    reconciler: {
      name: "pod-request-cleaner",
      async reconcile(_key, signal) {
        for (const { metadata: { name, namespace, uid } } of cache.list().filter((request) => isOver(request, deps.clock.now()))) {
          await client.resource(podCertificateRequests).delete(name, namespace, { ...(uid !== undefined && { preconditions: { uid } }), signal }).catch(ignore("NotFound", "Conflict"));
        }
        return { afterMs: roundMs };
      },
    },
  }));
}
