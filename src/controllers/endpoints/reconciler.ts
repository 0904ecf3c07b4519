import type { Endpoints, Pod, Service } from "#api/gen/core-v1.ts";
import { endpoints, pods, services } from "#api/resources.ts";
import { keyOf, splitKey } from "#apimachinery/meta.ts";
import { isStatus } from "#apimachinery/status.ts";
import type { Component } from "#base/component.ts";
import { messageOf } from "#base/error-message.ts";
import type { Client } from "#client/client.ts";
import type { EventRecorder } from "#client/events.ts";
import type { Informer } from "#client/lister.ts";
import { ignore } from "../ignore.ts";
import { newController, source, type ControllerDeps } from "../runner.ts";
import { hasSelector, podsOf, servicesOf } from "../service-pods.ts";
import { TriggerTimes } from "../trigger-times.ts";
import { managedByLabel, plan } from "./plan.ts";

interface Caches { readonly services: Informer<Service>; readonly pods: Informer<Pod>; readonly endpoints: Informer<Endpoints> }

/** Keeps the Endpoints of every Service that selects Pods. Key: the Service. Endpoints that somebody else made, without a Service, are left alone. */
export function endpointsController(deps: ControllerDeps): Component {
  const caches: Caches = { services: deps.informers.for(services), pods: deps.informers.for(pods), endpoints: deps.informers.for(endpoints) };
  return newController(deps, (client) => ({
    sources: [
      source(services, caches.services, (service) => [keyOf(service)]),
      source(pods, caches.pods, (pod) => servicesOf(pod, caches.services)),
      source(endpoints, caches.endpoints, (object) => (object.metadata.labels?.[managedByLabel] === "endpoint-controller" || caches.services.get(keyOf(object)) !== undefined ? [keyOf(object)] : [])),
    ],
    reconciler: new EndpointsReconciler(client, caches, deps.events("endpoint-controller")),
  }));
}

class EndpointsReconciler {
  readonly name = "endpoints";
  readonly #client: Client;
  readonly #caches: Caches;
  readonly #events: EventRecorder;
  readonly #triggers = new TriggerTimes();

  constructor(client: Client, caches: Caches, events: EventRecorder) {
    this.#client = client;
    this.#caches = caches;
    this.#events = events;
  }

  async reconcile(key: string, signal: AbortSignal): Promise<void> {
    const service = this.#caches.services.get(key);
    const current = this.#caches.endpoints.get(key);
    if (service === undefined) return this.#remove(key, current, signal);
    if (!hasSelector(service)) return;
    const selected = podsOf(service, this.#caches.pods);
    const next = plan(service, selected, current, this.#triggers.next(service, selected));
    if (next !== undefined) await this.#write(next, current === undefined, signal);
  }

  async #remove(key: string, current: Endpoints | undefined, signal: AbortSignal): Promise<void> {
    this.#triggers.forget(key);
    const { name, namespace } = splitKey(key);
    if (current?.metadata.uid !== undefined) await this.#client.resource(endpoints).delete(name, namespace, { preconditions: { uid: current.metadata.uid }, signal }).catch(ignore("NotFound"));
  }

  async #write(next: Endpoints, isNew: boolean, signal: AbortSignal): Promise<void> {
    try {
      await (isNew ? this.#client.resource(endpoints).create(next, { signal }) : this.#client.resource(endpoints).update(next, { signal }));
    } catch (err) {
      if (isNew && isStatus(err, "Forbidden") && err.details?.causes?.some(({ reason }) => reason === "NamespaceTerminating") === true) return;
      const { namespace = "", name } = next.metadata;
      const message = messageOf(err);
      if (isNew && !signal.aborted) this.#events.event({ kind: "Endpoints", ...next }, "Warning", "FailedToCreateEndpoint", `Failed to create endpoint for service ${namespace}/${name}: ${message}`);
      else if (!signal.aborted) this.#events.event({ kind: "Endpoints", ...next }, "Warning", "FailedToUpdateEndpoint", `Failed to update endpoint ${namespace}/${name}: ${message}`);
      throw err;
    }
  }
}
