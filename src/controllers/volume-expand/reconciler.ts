import { persistentVolumeClaims } from "#api/resources.ts";
import { wantsToGrow } from "#api/volume-expansion.ts";
import { keyOf } from "#apimachinery/meta.ts";
import type { Component } from "#base/component.ts";
import { newController, source, type ControllerDeps } from "../runner.ts";

/**
 * Says of a claim that asks for more than it has whom it waits for: every volume here is an external provisioner's, and so is
 * its growth. Upstream: pkg/controller/volume/expand/expand_controller.go
 */
export function volumeExpandController(deps: ControllerDeps): Component {
  const claims = deps.informers.for(persistentVolumeClaims);
  const events = deps.events("volume_expand");
  const told = new Map<string, string>(); // by key: uid and size
  return newController(deps, () => ({
    sources: [source(persistentVolumeClaims, claims, (claim) => [keyOf(claim)])],
    reconciler: {
      name: "volume-expand",
      reconcile(key) {
        const claim = claims.get(key);
        if (claim === undefined || !wantsToGrow(claim)) return Promise.resolve(void told.delete(key));
        const asked = `${claim.metadata.uid ?? ""} ${claim.spec.resources?.requests?.["storage"] ?? ""}`;
        if (told.get(key) !== asked) events.event({ kind: "PersistentVolumeClaim", ...claim }, "Normal", "ExternalExpanding", "waiting for an external controller to expand this PVC");
        told.set(key, asked);
        return Promise.resolve();
      },
    },
  }));
}
