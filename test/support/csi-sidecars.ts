/** What stands beside a CSI driver in a cluster: its provisioner, attacher and resizer, as the standard sidecars act on the API. */
import type { PersistentVolume, PersistentVolumeClaim } from "#api/gen/core-v1.ts";
import type { StorageClass, VolumeAttachment } from "#api/gen/storage-v1.ts";
import { persistentVolumeClaims, persistentVolumes, storageClasses, volumeAttachments } from "#api/resources.ts";
import { selectedNodeAnnotation } from "#api/volume-matching.ts";
import { waitsForNode, wantsToGrow } from "#api/volume-expansion.ts";
import { Quantity } from "#apimachinery/quantity.ts";
import { isStatus } from "#apimachinery/status.ts";
import { systemClock } from "#base/clock.ts";
import { loop, runAll, type Component } from "#base/component.ts";
import { silent } from "#base/log.ts";
import type { Client } from "#client/client.ts";
import { newInformers } from "#client/informers.ts";
import type { CsiTestDriver } from "./csi-driver.ts";

const lookMs = 50;
const provisionedBy = "pv.kubernetes.io/provisioned-by";

/** Runs until its signal aborts: looks at its caches, and acts on what is. */
export function csiSidecars(client: Client, driver: CsiTestDriver): Component {
  const informers = newInformers(client, systemClock, silent);
  const [claims, volumes, classes, attachments] = [informers.for(persistentVolumeClaims), informers.for(persistentVolumes), informers.for(storageClasses), informers.for(volumeAttachments)];
  const finalizer = `external-attacher/${driver.name.replaceAll(".", "-")}`;

  async function look(): Promise<void> {
    for (const claim of claims.list()) {
      const storageClass = classes.get(claim.spec.storageClassName ?? "");
      const volume = volumes.get(claim.spec.volumeName ?? "");
      if (storageClass?.provisioner !== driver.name) continue;
      if (isToBeMade(claim, storageClass, driver.name) && volumes.get(volumeName(claim)) === undefined) await provision(claim, storageClass);
      if (volume !== undefined && wantsToGrow(claim)) await grow(claim, volume);
    }
    for (const volume of volumes.list()) if (isToBeDeleted(volume, driver.name)) await remove(volume);
    for (const attachment of attachments.list()) if (attachment.spec.attacher === driver.name) await attach(attachment);
  }

  async function provision(claim: PersistentVolumeClaim, { metadata, reclaimPolicy, parameters = {} }: StorageClass): Promise<void> {
    const [name, storage] = [volumeName(claim), claim.spec.resources?.requests?.["storage"] ?? "0"];
    await driver.create(name, Quantity.parse(storage).value, claim.spec.volumeMode === "Block");
    await client.resource(persistentVolumes).create({
      metadata: { name, annotations: { [provisionedBy]: driver.name } },
      spec: {
        capacity: { storage }, accessModes: claim.spec.accessModes ?? [], volumeMode: claim.spec.volumeMode ?? "Filesystem", storageClassName: metadata.name, persistentVolumeReclaimPolicy: reclaimPolicy ?? "Delete",
        claimRef: { kind: "PersistentVolumeClaim", apiVersion: "v1", namespace: claim.metadata.namespace ?? "", name: claim.metadata.name, uid: claim.metadata.uid ?? "" },
        csi: { driver: driver.name, volumeHandle: name, fsType: "ext4", volumeAttributes: parameters },
      },
      status: {},
    });
  }

  async function remove({ metadata, spec }: PersistentVolume): Promise<void> {
    await driver.delete(spec.csi?.volumeHandle ?? "");
    await client.resource(persistentVolumes).delete(metadata.name, undefined);
  }

  /** The volume itself grows at once; its file system is the node's affair. */
  async function grow(claim: PersistentVolumeClaim, volume: PersistentVolume): Promise<void> {
    const storage = claim.spec.resources?.requests?.["storage"] ?? "0";
    if (volume.spec.capacity?.["storage"] === storage) return;
    await client.resource(persistentVolumes).patch(volume.metadata.name, undefined, { type: "merge", body: { spec: { capacity: { storage } } } });
    const status = waitsForNode(claim, new Date(systemClock.now()).toISOString().replace(/\.\d+Z$/, "Z"));
    const { name, namespace, resourceVersion } = claim.metadata; // the node may have been quicker
    await client.resource(persistentVolumeClaims).patch(name, namespace, { type: "merge", body: { metadata: { resourceVersion }, status } }, { subresource: "status" });
  }

  async function attach({ metadata, spec, status }: VolumeAttachment): Promise<void> {
    const resource = client.resource(volumeAttachments);
    const finalizers = metadata.finalizers ?? [];
    if (metadata.deletionTimestamp !== undefined) {
      if (!finalizers.includes(finalizer)) return;
      driver.calls.push(`controllerUnpublishVolume ${spec.source.persistentVolumeName ?? ""}`);
      await resource.patch(metadata.name, undefined, { type: "merge", body: { metadata: { finalizers: finalizers.filter((each) => each !== finalizer) } } });
    } else if (!status.attached) {
      driver.calls.push(`controllerPublishVolume ${spec.source.persistentVolumeName ?? ""}`);
      if (!finalizers.includes(finalizer)) await resource.patch(metadata.name, undefined, { type: "merge", body: { metadata: { finalizers: [...finalizers, finalizer] } } });
      await resource.patch(metadata.name, undefined, { type: "merge", body: { status: { attached: true, attachmentMetadata: { node: spec.nodeName } } } }, { subresource: "status" });
    }
  }

  const run = (signal: AbortSignal): Promise<void> => loop(signal, async () => {
    await informers.synced(signal);
    await look().catch((err: unknown) => {
      if (!isStatus(err, "Conflict", "NotFound", "AlreadyExists")) throw err; // a cache was behind
    });
    await systemClock.sleep(lookMs, signal);
  });
  return { name: "csi sidecars", run: (signal) => runAll([informers, { name: "look", run }], signal) };
}

const volumeName = ({ metadata }: PersistentVolumeClaim): string => `pvc-${metadata.uid ?? ""}`;

/** The annotation is how the volume controller asks. Upstream: sig-storage-lib-external-provisioner shouldProvision */
function isToBeMade({ metadata, spec }: PersistentVolumeClaim, { volumeBindingMode }: StorageClass, name: string): boolean {
  const { annotations = {}, deletionTimestamp } = metadata;
  if ((spec.volumeName ?? "") !== "" || deletionTimestamp !== undefined || annotations["volume.kubernetes.io/storage-provisioner"] !== name) return false;
  return volumeBindingMode !== "WaitForFirstConsumer" || annotations[selectedNodeAnnotation] !== undefined;
}

const isToBeDeleted = ({ metadata, spec, status }: PersistentVolume, name: string): boolean =>
  metadata.annotations?.[provisionedBy] === name && metadata.deletionTimestamp === undefined && status.phase === "Released" && spec.persistentVolumeReclaimPolicy === "Delete";
