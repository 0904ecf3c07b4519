import { persistentVolumeClaims, pods } from "#api/resources.ts";
import { keyOf } from "#apimachinery/meta.ts";
import type { Component } from "#base/component.ts";
import { messageOf } from "#base/error-message.ts";
import { newController, source, type ControllerDeps } from "../runner.ts";
import { ephemeralClaims, plan } from "./plan.ts";

/** Makes the claims of pods' ephemeral volumes; they go with the pod by garbage collection. Key: the pod. */
export function ephemeralVolumeController(deps: ControllerDeps): Component {
  const cache = deps.informers.for(pods);
  const claims = deps.informers.for(persistentVolumeClaims);
  cache.addIndex("ephemeral-claim", ephemeralClaims);
  const events = deps.events("ephemeral_volume");
  return newController(deps, (client) => ({
    sources: [
      source(pods, cache, (pod) => (ephemeralClaims(pod).length > 0 ? [keyOf(pod)] : [])),
      source(persistentVolumeClaims, claims, (claim) => cache.by("ephemeral-claim", keyOf(claim)).map(keyOf)),
    ],
    reconciler: {
      name: "ephemeral-volume",
      async reconcile(key, signal) {
        const pod = cache.get(key);
        if (pod === undefined) return;
        const { create, refused } = plan(pod, (claim) => claims.get(claim));
        const tell = (volume: string, message: string): void => events.event({ kind: "Pod", ...pod }, "Warning", "FailedBinding", `ephemeral volume ${volume}: ${message}`);
        for (const { volume, message } of refused) tell(volume, message);
        for (const { volume, claim } of create) {
          await client.resource(persistentVolumeClaims).create(claim, { signal }).catch((err: unknown) => {
            if (!signal.aborted) tell(volume, `create PVC ${claim.metadata.name}: ${messageOf(err)}`);
            throw err;
          });
        }
      },
    },
  }));
}
