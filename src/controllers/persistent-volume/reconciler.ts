import type { PersistentVolume, PersistentVolumeClaim } from "#api/gen/core-v1.ts";
import { claimKeysOf } from "#api/pod-references.ts";
import { isTerminal } from "#api/pod.ts";
import { persistentVolumeClaims, persistentVolumes, pods, storageClasses } from "#api/resources.ts";
import { keyOf } from "#apimachinery/meta.ts";
import { isStatus } from "#apimachinery/status.ts";
import type { Component } from "#base/component.ts";
import type { Client } from "#client/client.ts";
import type { EventRecorder } from "#client/events.ts";
import { ignore } from "../ignore.ts";
import { newController, source, type ControllerDeps } from "../runner.ts";
import { bind, setPhase } from "./binder.ts";
import { planClaim, type Known } from "./claim-plan.ts";
import { planVolume, unbound, type VolumePlan } from "./volume-plan.ts";

const provisionerAnnotations = ["volume.beta.kubernetes.io/storage-provisioner", "volume.kubernetes.io/storage-provisioner"];

/** Finds a volume for each claim, or asks its provisioner for one. One claim at a time: no volume is given twice. */
export function claimController(deps: ControllerDeps): Component {
  const claims = deps.informers.for(persistentVolumeClaims);
  const volumes = deps.informers.for(persistentVolumes);
  const classes = deps.informers.for(storageClasses);
  const events = deps.events("persistentvolume-controller");
  const podCache = deps.informers.for(pods);
  podCache.addIndex("claim", claimKeysOf);
  const known: Known = {
    get volumes() { return volumes.list(); }, get classes() { return classes.list(); }, volume: (name) => volumes.get(name), class: (name) => classes.get(name),
    waitingPods: (claim) => podCache.by("claim", keyOf(claim)).filter((pod) => !pod.spec.nodeName && !isTerminal(pod)).map(({ metadata }) => metadata.name).toSorted(),
  };
  const open = (): string[] => claims.list().filter(({ status }) => status.phase !== "Bound").map(keyOf);
  return newController(deps, (client) => ({
    sources: [
      source(persistentVolumeClaims, claims, (claim) => [keyOf(claim)]),
      source(persistentVolumes, volumes, ({ spec }) => (spec.claimRef === undefined ? open() : [`${spec.claimRef.namespace ?? ""}/${spec.claimRef.name ?? ""}`])),
      source(storageClasses, classes, open), source(pods, podCache, () => []),
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
    case "class": return void await client.resource(persistentVolumeClaims).update({ ...claim, spec: { ...claim.spec, storageClassName: next.name } }, { signal });
    case "wait": {
      if (next.tell !== undefined) events.event(claim, next.tell.type, next.tell.reason, next.tell.message);
      if (claim.status.phase === undefined) await client.resource(persistentVolumeClaims).update({ ...claim, status: { ...claim.status, phase: "Pending" } }, { subresource: "status", signal });
      return;
    }
    case "lose": {
      if (claim.status.phase === "Lost") return;
      events.event(claim, next.tell.type, next.tell.reason, next.tell.message);
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
        if (volume === undefined) return;
        const claim = await claimOf(client, volume, (of) => claims.get(of), signal);
        await keep(client, events, volume, claim, planVolume(volume, claim), signal);
      },
    },
  }));
}

/** The claim that has the volume, of the very uid. A cache may be behind: no volume is released before the server itself says so. */
async function claimOf(client: Client, { spec, status }: PersistentVolume, cached: (key: string) => PersistentVolumeClaim | undefined, signal: AbortSignal): Promise<PersistentVolumeClaim | undefined> {
  const { name = "", namespace = "", uid = "" } = spec.claimRef ?? {};
  if (uid === "") return undefined;
  const found = cached(`${namespace}/${name}`);
  if (found?.metadata.uid === uid || status.phase === "Released" || status.phase === "Failed") return found?.metadata.uid === uid ? found : undefined;
  const live = await client.resource(persistentVolumeClaims).get(name, namespace, signal).catch((err: unknown) => {
    if (isStatus(err, "NotFound")) return undefined;
    throw err;
  });
  return live?.metadata.uid === uid ? live : undefined;
}

async function keep(client: Client, events: EventRecorder, volume: PersistentVolume, claim: PersistentVolumeClaim | undefined, next: VolumePlan, signal: AbortSignal): Promise<void> {
  const { name } = volume.metadata;
  switch (next.action) {
    case "none": return;
    case "phase": return setPhase(client, volume, next.phase, undefined, signal);
    case "fail": {
      if (volume.status.phase !== "Failed") events.event(volume, "Warning", next.reason, next.message);
      return setPhase(client, volume, "Failed", next.message, signal);
    }
    case "mismatch": {
      events.event(volume, "Warning", "VolumeMismatch", `Cannot bind PersistentVolume to requested PersistentVolumeClaim "${claim?.metadata.name ?? ""}" due to incompatible volumeMode.`);
      if (claim !== undefined) events.event(claim, "Warning", "VolumeMismatch", `Cannot bind PersistentVolume "${name}" to requested PersistentVolumeClaim due to incompatible volumeMode.`);
      return;
    }
    case "unbind": return setPhase(client, await client.resource(persistentVolumes).update(unbound(volume), { signal }), "Available", undefined, signal);
  }
}
