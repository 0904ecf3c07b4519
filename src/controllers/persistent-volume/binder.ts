import type { PersistentVolume, PersistentVolumeClaim, PersistentVolumeClaimStatus } from "#api/gen/core-v1.ts";
import { persistentVolumeClaims, persistentVolumes } from "#api/resources.ts";
import { boundAnnotation, boundByControllerAnnotation, isReservedFor } from "#api/volume-matching.ts";
import { semanticEqual } from "#apimachinery/equal.ts";
import type { Client } from "#client/client.ts";

/** Writes both directions of a binding, each step only where it is missing: it can be broken off anywhere and begun again. */
export async function bind(client: Client, claim: PersistentVolumeClaim, volume: PersistentVolume, signal: AbortSignal): Promise<void> {
  const reserved = await reserve(client, claim, volume, signal);
  if (reserved.status.phase !== "Bound") await setPhase(client, reserved, "Bound", undefined, signal);
  const named = await name(client, claim, volume, signal);
  const isNew = named.status.phase !== "Bound"; // later, the capacity follows what was resized, not what was asked for
  const status: PersistentVolumeClaimStatus = {
    ...named.status, phase: "Bound", ...(volume.spec.accessModes && { accessModes: volume.spec.accessModes }), ...(isNew && volume.spec.capacity && { capacity: volume.spec.capacity }),
  };
  if (!semanticEqual(status, named.status)) await client.resource(persistentVolumeClaims).update({ ...named, status }, { subresource: "status", signal });
}

async function reserve(client: Client, claim: PersistentVolumeClaim, volume: PersistentVolume, signal: AbortSignal): Promise<PersistentVolume> {
  const { name: claimName, namespace = "", uid = "", resourceVersion = "" } = claim.metadata;
  if (volume.spec.claimRef?.uid === uid) return volume;
  const chosen = !isReservedFor(volume, claim);
  const annotations = { ...volume.metadata.annotations, ...(chosen && { [boundByControllerAnnotation]: "yes" }) };
  return client.resource(persistentVolumes).update({
    ...volume, metadata: { ...volume.metadata, annotations },
    spec: { ...volume.spec, claimRef: { ...volume.spec.claimRef, kind: "PersistentVolumeClaim", apiVersion: "v1", namespace, name: claimName, uid, resourceVersion } },
  }, { signal });
}

async function name(client: Client, claim: PersistentVolumeClaim, volume: PersistentVolume, signal: AbortSignal): Promise<PersistentVolumeClaim> {
  const chosen = (claim.spec.volumeName ?? "") === "";
  if (!chosen && claim.metadata.annotations?.[boundAnnotation] !== undefined) return claim;
  const annotations = { ...claim.metadata.annotations, [boundAnnotation]: "yes", ...(chosen && { [boundByControllerAnnotation]: "yes" }) };
  return client.resource(persistentVolumeClaims).update({ ...claim, metadata: { ...claim.metadata, annotations }, spec: { ...claim.spec, volumeName: volume.metadata.name } }, { signal });
}

/** Writes where the volume stands, if it does not stand there yet. */
export async function setPhase(client: Client, volume: PersistentVolume, phase: "Available" | "Bound" | "Released" | "Failed", message: string | undefined, signal: AbortSignal): Promise<void> {
  if (volume.status.phase === phase && volume.status.message === message) return;
  const { message: _, ...rest } = volume.status;
  await client.resource(persistentVolumes).update({ ...volume, status: { ...rest, phase, ...(message !== undefined && { message }) } }, { subresource: "status", signal });
}
