import { chmod, mkdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { PersistentVolume, PersistentVolumeClaim } from "#api/gen/core-v1.ts";
import { persistentVolumeClaims, persistentVolumes, storageClasses } from "#api/resources.ts";
import { grown, wantsToGrow } from "#api/volume-expansion.ts";
import { keyOf } from "#apimachinery/meta.ts";
import type { Component } from "#base/component.ts";
import { runAll } from "#base/component.ts";
import { ignore } from "#controllers/ignore.ts";
import { newController, source, type ControllerDeps } from "#controllers/runner.ts";
import { directoryOf, isOurs, isToBeDeleted, isWanted, provisionerName, volumeFor } from "./plan.ts";

export interface LocalPathOptions extends ControllerDeps {
  readonly nodeName: string;
  /** Under it each volume has its directory. */
  readonly root: string;
}

/** Makes volumes out of directories of this node for claims that chose it, and removes them when nobody wants them any more. */
export function localPathProvisioner(options: LocalPathOptions): Component {
  const parts = [provisioning(options), expanding(options), deleting(options)];
  return { name: "local-path-provisioner", run: (signal) => runAll(parts, signal) };
}

function provisioning(options: LocalPathOptions): Component {
  const { informers, nodeName, root } = options;
  const claims = informers.for(persistentVolumeClaims);
  const volumes = informers.for(persistentVolumes);
  const classes = informers.for(storageClasses);
  const events = options.events(provisionerName);
  return newController(options, (client) => ({
    sources: [source(persistentVolumeClaims, claims, (claim) => [keyOf(claim)]), source(persistentVolumes, volumes, () => []), source(storageClasses, classes, () => [])],
    reconciler: {
      name: "local-path-provisioning",
      async reconcile(key, signal) {
        const claim = claims.get(key);
        const storageClass = classes.get(claim?.spec.storageClassName ?? "");
        if (claim === undefined || storageClass === undefined || !isWanted(claim, nodeName)) return;
        const path = directoryOf(root, claim);
        const volume = volumeFor(claim, storageClass, nodeName, path);
        if (typeof volume === "string") return fail(claim, volume, signal);
        if (volumes.get(volume.metadata.name) !== undefined) return;
        events.event(claim, "Normal", "Provisioning", `External provisioner is provisioning volume for claim "${key}"`);
        await mkdir(path, { recursive: true, mode: 0o777 });
        await chmod(path, 0o777); // whoever the pod runs as: an fsGroup narrows it
        await client.resource(persistentVolumes).create(volume, { signal }).catch(ignore("AlreadyExists"));
        events.event(claim, "Normal", "ProvisioningSucceeded", `Successfully provisioned volume ${volume.metadata.name}`);
      },
    },
  }));

  /** Without its node the claim goes back to the scheduler, which may find another. */
  async function fail(claim: PersistentVolumeClaim, why: string, signal: AbortSignal): Promise<void> {
    events.event(claim, "Warning", "ProvisioningFailed", `failed to provision volume with StorageClass "${claim.spec.storageClassName ?? ""}": ${why}`);
    const { "volume.kubernetes.io/selected-node": _, ...annotations } = claim.metadata.annotations ?? {};
    await options.client.resource(persistentVolumeClaims).update({ ...claim, metadata: { ...claim.metadata, annotations } }, { signal }).catch(ignore("NotFound", "Conflict"));
  }
}

/** A directory has no size of its own: what a claim asks for is what it has. */
function expanding(options: LocalPathOptions): Component {
  const claims = options.informers.for(persistentVolumeClaims);
  const volumes = options.informers.for(persistentVolumes);
  const events = options.events(provisionerName);
  return newController(options, (client) => ({
    sources: [source(persistentVolumeClaims, claims, (claim) => [keyOf(claim)]), source(persistentVolumes, volumes, ({ spec }) => [`${spec.claimRef?.namespace ?? ""}/${spec.claimRef?.name ?? ""}`])],
    reconciler: {
      name: "local-path-expansion",
      async reconcile(key, signal) {
        const claim = claims.get(key);
        const volume = volumes.get(claim?.spec.volumeName ?? "");
        if (claim === undefined || volume === undefined || !wantsToGrow(claim) || !isOurs(volume, options.nodeName)) return;
        const storage = claim.spec.resources?.requests?.["storage"] ?? "";
        await client.resource(persistentVolumes).patch(volume.metadata.name, undefined, { type: "merge", body: { spec: { capacity: { storage } } } }, { signal });
        const { name, namespace, resourceVersion } = claim.metadata;
        await client.resource(persistentVolumeClaims).patch(name, namespace, { type: "merge", body: { metadata: { resourceVersion }, status: grown(claim, storage) } }, { subresource: "status", signal });
        events.event(claim, "Normal", "VolumeResizeSuccessful", "Resize volume succeeded");
      },
    },
  }));
}

function deleting(options: LocalPathOptions): Component {
  const volumes = options.informers.for(persistentVolumes);
  return newController(options, (client) => ({
    sources: [source(persistentVolumes, volumes, ({ metadata }) => [metadata.name])],
    reconciler: {
      name: "local-path-deletion",
      async reconcile(key, signal) {
        const volume = volumes.get(key);
        if (volume === undefined || !isToBeDeleted(volume, options.nodeName)) return;
        await removeDirectory(options.root, volume);
        await client.resource(persistentVolumes).delete(key, undefined, { preconditions: { uid: volume.metadata.uid ?? "" }, signal }).catch(ignore("NotFound", "Conflict"));
      },
    },
  }));
}

/** Only a directory of ours, whatever the volume says: moved aside at once, then emptied. */
async function removeDirectory(root: string, { spec, metadata }: PersistentVolume): Promise<void> {
  const path = spec.local?.path ?? "";
  if (dirname(path) !== root || basename(path) !== metadata.name) return;
  const aside = join(root, `.${basename(path)}.gone`);
  await rename(path, aside).catch(() => {}); // a second try finds it moved already
  await rm(aside, { recursive: true, force: true });
}
