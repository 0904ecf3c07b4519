import type { PersistentVolume, PersistentVolumeClaim } from "#api/gen/core-v1.ts";
import { persistentVolumeClaims, persistentVolumes, storageClasses } from "#api/resources.ts";
import { keyOf } from "#apimachinery/meta.ts";
import type { Component } from "#base/component.ts";
import type { Client } from "#client/client.ts";
import type { EventRecorder } from "#client/events.ts";
import { ignore } from "../ignore.ts";
import { newController, source, type ControllerDeps } from "../runner.ts";
import { bind, setPhase } from "./binder.ts";
import { planClaim, planVolume, type Known } from "./plan.ts";

const provisionerAnnotations = ["volume.beta.kubernetes.io/storage-provisioner", "volume.kubernetes.io/storage-provisioner"];

/** Finds a volume for each claim, or asks its provisioner for one. One claim at a time: no volume is given twice. */
export function claimController(deps: ControllerDeps): Component {
  const claims = deps.informers.for(persistentVolumeClaims);
  const volumes = deps.informers.for(persistentVolumes);
  const classes = deps.informers.for(storageClasses);
  const events = deps.events("persistentvolume-controller");
  const known: Known = { get volumes() { return volumes.list(); }, volume: (name) => volumes.get(name), class: (name) => classes.get(name) };
  const unbound = (): string[] => claims.list().filter(({ status }) => status.phase !== "Bound").map(keyOf);
  return newController(deps, (client) => ({
    sources: [
      source(persistentVolumeClaims, claims, (claim) => [keyOf(claim)]),
      source(persistentVolumes, volumes, ({ spec }) => (spec.claimRef === undefined ? unbound() : [`${spec.claimRef.namespace ?? ""}/${spec.claimRef.name ?? ""}`])),
      source(storageClasses, classes, unbound),
    ],
    workers: 1,
    reconciler: {
      name: "persistent-volume-claim",
      async reconcile(key, signal) {
        const claim = claims.get(key);
        if (claim !== undefined) await actOn(client, events, claim, known, signal);
      },
    },
  }));
}

async function actOn(client: Client, events: EventRecorder, claim: PersistentVolumeClaim, known: Known, signal: AbortSignal): Promise<void> {
  const next = planClaim(claim, known);
  switch (next.action) {
    case "bind": return bind(client, claim, next.volume, signal);
    case "provision": return askFor(client, events, claim, next.provisioner, signal);
    case "wait": {
      if (next.reason !== "none") events.event(claim, "Normal", next.reason, next.message);
      if (claim.status.phase === undefined) await client.resource(persistentVolumeClaims).update({ ...claim, status: { ...claim.status, phase: "Pending" } }, { subresource: "status", signal });
      return;
    }
    case "lose": {
      if (claim.status.phase === "Lost") return;
      events.event(claim, "Warning", next.reason, next.message);
      const { accessModes: _a, capacity: _c, ...rest } = claim.status;
      await client.resource(persistentVolumeClaims).update({ ...claim, status: { ...rest, phase: "Lost" } }, { subresource: "status", signal });
    }
  }
}

/** Provisioners are programs of their own: the annotation tells them that the claim is theirs. */
async function askFor(client: Client, events: EventRecorder, claim: PersistentVolumeClaim, provisioner: string, signal: AbortSignal): Promise<void> {
  const annotations = claim.metadata.annotations ?? {};
  if (provisionerAnnotations.some((name) => annotations[name] !== provisioner)) {
    const added = Object.fromEntries(provisionerAnnotations.map((name) => [name, provisioner]));
    await client.resource(persistentVolumeClaims).patch(claim.metadata.name, claim.metadata.namespace, { type: "merge", body: { metadata: { annotations: added } } }, { signal }).catch(ignore("NotFound"));
  }
  events.event(claim, "Normal", "ExternalProvisioning", `Waiting for a volume to be created either by the external provisioner '${provisioner}' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.`);
}

/** Keeps the phase of each volume, and lets volumes go whose claim chose another. */
export function volumeController(deps: ControllerDeps): Component {
  const claims = deps.informers.for(persistentVolumeClaims);
  const volumes = deps.informers.for(persistentVolumes);
  volumes.addIndex("claim", ({ spec }) => (spec.claimRef === undefined ? [] : [`${spec.claimRef.namespace ?? ""}/${spec.claimRef.name ?? ""}`]));
  const events = deps.events("persistentvolume-controller");
  return newController(deps, (client) => ({
    sources: [
      source(persistentVolumes, volumes, ({ metadata }) => [metadata.name]),
      source(persistentVolumeClaims, claims, (claim) => volumes.by("claim", keyOf(claim)).map(({ metadata }) => metadata.name)),
    ],
    reconciler: {
      name: "persistent-volume",
      async reconcile(key, signal) {
        const volume = volumes.get(key);
        if (volume === undefined || volume.metadata.deletionTimestamp !== undefined) return;
        const { claimRef } = volume.spec;
        const claim = claimRef && claims.get(`${claimRef.namespace ?? ""}/${claimRef.name ?? ""}`);
        await keep(client, events, volume, claim?.metadata.uid === claimRef?.uid ? claim : undefined, signal);
      },
    },
  }));
}

async function keep(client: Client, events: EventRecorder, volume: PersistentVolume, claim: PersistentVolumeClaim | undefined, signal: AbortSignal): Promise<void> {
  const next = planVolume(volume, claim);
  if (next.action === "phase") return setPhase(client, volume, next.phase, undefined, signal);
  if (next.action === "fail") {
    if (volume.status.phase !== "Failed") events.event(volume, "Warning", "VolumeFailedDelete", next.message);
    return setPhase(client, volume, "Failed", next.message, signal);
  }
  const { claimRef: _, ...spec } = volume.spec;
  const { "pv.kubernetes.io/bound-by-controller": _b, ...annotations } = volume.metadata.annotations ?? {};
  await client.resource(persistentVolumes).update({ ...volume, metadata: { ...volume.metadata, annotations }, spec }, { signal });
}
