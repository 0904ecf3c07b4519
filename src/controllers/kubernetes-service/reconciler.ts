import { endpoints, endpointSlices, services, type ResourceRef } from "#api/resources.ts";
import { semanticEqual } from "#apimachinery/equal.ts";
import type { KubeObject } from "#apimachinery/meta.ts";
import type { Component } from "#base/component.ts";
import type { Client } from "#client/client.ts";
import type { Informer } from "#client/lister.ts";
import { newController, source, type ControllerDeps } from "../runner.ts";
import { endpointsOf, serviceOf, sliceOf, type ApiServerPlace } from "./plan.ts";

const key = "default/kubernetes";
const only = { namespace: "default", fieldSelector: "metadata.name=kubernetes" };

/** Keeps the Service `default/kubernetes` and what is behind it. */
export function kubernetesServiceController(deps: ControllerDeps, place: ApiServerPlace): Component {
  const caches = { services: deps.informers.for(services, only), endpoints: deps.informers.for(endpoints, only), slices: deps.informers.for(endpointSlices, only) };
  const always = (): string[] => [key];
  return newController(deps, (client) => ({
    sources: [source(services, caches.services, always), source(endpoints, caches.endpoints, always), source(endpointSlices, caches.slices, always)],
    workers: 1, start: [key],
    reconciler: {
      name: "kubernetes-service",
      async reconcile(_key, signal) {
        const service = serviceOf(place);
        const found = caches.services.get(key);
        if (found === undefined) await client.resource(services).create(service, { signal });
        else if (found.spec.ports?.[0]?.targetPort !== place.port) await client.resource(services).update({ ...found, spec: { ...found.spec, ports: service.spec.ports ?? [] } }, { signal });
        await ensure(client, endpoints, caches.endpoints, endpointsOf(place), ({ subsets }) => subsets, signal);
        await ensure(client, endpointSlices, caches.slices, sliceOf(place), (slice) => [slice.endpoints, slice.ports], signal);
      },
    },
  }));
}

/** Creates the object, or brings the part that `of` names up to date. */
async function ensure<T extends KubeObject>(client: Client, ref: ResourceRef<T>, cache: Informer<T>, wanted: T, of: (obj: T) => unknown, signal: AbortSignal): Promise<void> {
  const found = cache.get(key);
  if (found === undefined) await client.resource(ref).create(wanted, { signal });
  else if (!semanticEqual(of(found), of(wanted))) await client.resource(ref).update({ ...wanted, metadata: { ...found.metadata, labels: { ...found.metadata.labels, ...wanted.metadata.labels } } }, { signal });
}
