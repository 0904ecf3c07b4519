import type { Endpoints } from "#api/gen/core-v1.ts";
import { endpoints, endpointSlices, services } from "#api/resources.ts";
import { keyOf } from "#apimachinery/meta.ts";
import type { Component } from "#base/component.ts";
import type { EventRecorder } from "#client/events.ts";
import { ownerKeys, write } from "../endpointslice/hand.ts";
import { newController, source, type ControllerDeps } from "../runner.ts";
import { isMirrored, mirrorName, plan, type MirrorPlan } from "./plan.ts";

/** Mirrors Endpoints of Services without a selector into slices. Key: the Endpoints. Slices of such that are gone go with them, by this hand or garbage collection's. */
export function endpointSliceMirroringController(deps: ControllerDeps): Component {
  const caches = { services: deps.informers.for(services), endpoints: deps.informers.for(endpoints), slices: deps.informers.for(endpointSlices) };
  caches.slices.addIndex(mirrorName, (slice) => ownerKeys(slice, mirrorName));
  const events = deps.events("endpoint-slice-mirroring-controller");
  return newController(deps, (client) => ({
    sources: [
      source(services, caches.services, (service) => [keyOf(service)]), source(endpoints, caches.endpoints, (object) => [keyOf(object)]),
      source(endpointSlices, caches.slices, (slice) => ownerKeys(slice, mirrorName)),
    ],
    reconciler: {
      name: "endpointslice-mirroring",
      async reconcile(key, signal) {
        const object = caches.endpoints.get(key);
        const existing = caches.slices.by(mirrorName, key);
        if (object === undefined || !isMirrored(object, caches.services.get(key))) return write(client, { create: [], update: [], remove: existing }, signal);
        const next = plan(object, existing);
        tell(events, object, next);
        await write(client, next, signal);
      },
    },
  }));
}

function tell(events: EventRecorder, object: Endpoints, { invalid, skipped }: MirrorPlan): void {
  const about = { kind: "Endpoints", ...object };
  if (invalid > 0) events.event(about, "Warning", "InvalidIPAddress", `Skipped ${invalid} invalid IP addresses when mirroring to EndpointSlices`);
  if (skipped > invalid) events.event(about, "Warning", "TooManyAddressesToMirror", `A max of 1000 addresses can be mirrored to EndpointSlices per Endpoints subset. ${skipped} addresses were skipped`);
}
