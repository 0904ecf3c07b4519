import type { Node, Pod, Service } from "#api/gen/core-v1.ts";
import type { EndpointSlice } from "#api/gen/discovery-v1.ts";
import { endpointSlices, nodes, pods, services } from "#api/resources.ts";
import { keyOf } from "#apimachinery/meta.ts";
import type { Component } from "#base/component.ts";
import { messageOf } from "#base/error-message.ts";
import type { Client } from "#client/client.ts";
import type { EventRecorder } from "#client/events.ts";
import type { Informer } from "#client/lister.ts";
import type { Again } from "../reconciler.ts";
import { newController, source, type ControllerDeps } from "../runner.ts";
import { hasPlace, hasSelector, podsOf, servicesOf } from "../service-pods.ts";
import { TriggerTimes } from "../trigger-times.ts";
import { ownerKeys, write } from "./hand.ts";
import { lacksNode, managerName, plan } from "./plan.ts";

interface Caches { readonly services: Informer<Service>; readonly pods: Informer<Pod>; readonly nodes: Informer<Node>; readonly slices: Informer<EndpointSlice> }

/** How soon a Pod is looked at again whose Node was not there. */
const nodeRetryMs = 1000;

/** Keeps the slices of every Service that selects Pods. Key: the Service. A Service that is gone takes them along by garbage collection. */
export function endpointSliceController(deps: ControllerDeps): Component {
  const caches: Caches = { services: deps.informers.for(services), pods: deps.informers.for(pods), nodes: deps.informers.for(nodes), slices: deps.informers.for(endpointSlices) };
  caches.slices.addIndex(managerName, (slice) => ownerKeys(slice, managerName));
  return newController(deps, (client) => ({
    sources: [
      source(services, caches.services, (service) => [keyOf(service)]),
      source(pods, caches.pods, (pod) => servicesOf(pod, caches.services)),
      source(nodes, caches.nodes, () => []),
      source(endpointSlices, caches.slices, (slice) => ownerKeys(slice, managerName)),
    ],
    reconciler: new EndpointSliceReconciler(client, caches, deps.events("endpoint-slice-controller")),
  }));
}

class EndpointSliceReconciler {
  readonly name = "endpointslice";
  readonly #client: Client;
  readonly #caches: Caches;
  readonly #events: EventRecorder;
  readonly #triggers = new TriggerTimes();

  constructor(client: Client, caches: Caches, events: EventRecorder) {
    this.#client = client;
    this.#caches = caches;
    this.#events = events;
  }

  async reconcile(key: string, signal: AbortSignal): Promise<Again | void> {
    const service = this.#caches.services.get(key);
    if (service === undefined) return this.#triggers.forget(key);
    if (!hasSelector(service)) return;
    const selected = podsOf(service, this.#caches.pods);
    const node = (name: string): Node | undefined => this.#caches.nodes.get(name);
    const next = plan(service, selected, this.#caches.slices.by(managerName, key), node, this.#triggers.next(service, selected));
    try {
      await write(this.#client, next, signal);
    } catch (err) {
      if (!signal.aborted) this.#events.event({ kind: "Service", ...service }, "Warning", "FailedToUpdateEndpointSlices", `Error updating Endpoint Slices for Service ${key}: ${messageOf(err)}`);
      throw err;
    }
    return selected.some((pod) => hasPlace(pod, true) && lacksNode(service, pod, node)) ? { afterMs: nodeRetryMs } : undefined;
  }
}
