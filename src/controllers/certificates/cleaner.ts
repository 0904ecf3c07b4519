import { certificateSigningRequests } from "#api/resources.ts";
import type { Component } from "#base/component.ts";
import { ignore } from "../ignore.ts";
import { newController, source, type ControllerDeps } from "../runner.ts";
import { isStale } from "./expiry.ts";

const roundMs = 3_600_000;
const key = "all";

/** Deletes old CertificateSigningRequests, once an hour. Key: always the same. */
export function certificateCleaner(deps: ControllerDeps): Component {
  const cache = deps.informers.for(certificateSigningRequests);
  return newController(deps, (client) => ({
    sources: [source(certificateSigningRequests, cache, () => [])],
    workers: 1, start: [key],
    reconciler: {
      name: "certificate-cleaner",
      async reconcile(_key, signal) {
        for (const { metadata } of cache.list().filter((request) => isStale(request, deps.clock.now()))) {
          await client.resource(certificateSigningRequests).delete(metadata.name, undefined, { signal }).catch(ignore("NotFound"));
        }
        return { afterMs: roundMs };
      },
    },
  }));
}
