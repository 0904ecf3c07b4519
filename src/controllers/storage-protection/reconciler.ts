import type { PersistentVolume, PersistentVolumeClaim } from "#api/gen/core-v1.ts";
import { claimKeysOf } from "#api/pod-references.ts";
import { persistentVolumeClaims, persistentVolumes, pods, type ResourceRef } from "#api/resources.ts";
import { keyOf, splitKey, type KubeObject } from "#apimachinery/meta.ts";
import type { Component } from "#base/component.ts";
import type { Client } from "#client/client.ts";
import { ignore } from "../ignore.ts";
import { newController, source, type ControllerDeps } from "../runner.ts";
import { uses } from "./plan.ts";

const claimFinalizer = "kubernetes.io/pvc-protection";
const volumeFinalizer = "kubernetes.io/pv-protection";

/** Lets a claim go when no pod uses it. Before that the server itself is asked: a cache may be behind. Upstream: pkg/controller/volume/pvcprotection */
export function claimProtectionController(deps: ControllerDeps): Component {
  const claims = deps.informers.for(persistentVolumeClaims);
  const podCache = deps.informers.for(pods);
  podCache.addIndex("claim", claimKeysOf);
  return newController(deps, (client) => ({
    sources: [source(persistentVolumeClaims, claims, (claim) => [keyOf(claim)]), source(pods, podCache, claimKeysOf)],
    reconciler: {
      name: "pvc-protection",
      async reconcile(key, signal) {
        const claim = claims.get(key);
        if (claim === undefined) return;
        const isUsed = async (): Promise<boolean> => podCache.by("claim", key).some((pod) => uses(pod, claim)) || (await client.resource(pods).list({ namespace: claim.metadata.namespace ?? "" }, signal)).items.some((pod) => uses(pod, claim));
        await protect<PersistentVolumeClaim>(client, persistentVolumeClaims, claim, claimFinalizer, isUsed, signal);
      },
    },
  }));
}

/** A volume is in use while it is bound. Upstream: pkg/controller/volume/pvprotection */
export function volumeProtectionController(deps: ControllerDeps): Component {
  const volumes = deps.informers.for(persistentVolumes);
  return newController(deps, (client) => ({
    sources: [source(persistentVolumes, volumes, ({ metadata }) => [metadata.name])],
    reconciler: {
      name: "pv-protection",
      async reconcile(key, signal) {
        const volume = volumes.get(key);
        if (volume !== undefined) await protect<PersistentVolume>(client, persistentVolumes, volume, volumeFinalizer, () => Promise.resolve(volume.status.phase === "Bound"), signal);
      },
    },
  }));
}

/** The finalizer is there from the start, and goes when the object is deleted and nobody uses it. */
async function protect<T extends KubeObject>(client: Client, ref: ResourceRef<T>, object: T, finalizer: string, isUsed: () => Promise<boolean>, signal: AbortSignal): Promise<void> {
  const { finalizers = [], deletionTimestamp, resourceVersion } = object.metadata;
  const going = deletionTimestamp !== undefined;
  const has = finalizers.includes(finalizer);
  if (going ? !has || (await isUsed()) : has) return;
  const next = going ? finalizers.filter((name) => name !== finalizer) : [...finalizers, finalizer];
  const { name, namespace } = splitKey(keyOf(object));
  await client.resource(ref).patch(name, namespace, { type: "merge", body: { metadata: { finalizers: next, resourceVersion } } }, { signal }).catch(ignore("NotFound"));
}
