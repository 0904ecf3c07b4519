/** Which volume does for which claim. Upstream: component-helpers/storage/volume */
import type { PersistentVolume, PersistentVolumeClaim } from "./gen/core-v1.ts";
import { Quantity } from "#apimachinery/quantity.ts";
import { labelSelectorOf } from "#apimachinery/selectors.ts";

export const selectedNodeAnnotation = "volume.kubernetes.io/selected-node";
/** On a claim: the volume controller has done its part in both directions. */
export const boundAnnotation = "pv.kubernetes.io/bind-completed";
/** The binding was the controller's choice, not the user's. */
export const boundByControllerAnnotation = "pv.kubernetes.io/bound-by-controller";
export const provisionedByAnnotation = "pv.kubernetes.io/provisioned-by";

/** Volumes that could be bound to the claim if the node were right: those reserved for it first, then the smallest. */
export function candidatesFor(claim: PersistentVolumeClaim, volumes: readonly PersistentVolume[]): readonly PersistentVolume[] {
  const selector = claim.spec.selector && labelSelectorOf(claim.spec.selector);
  const does = (volume: PersistentVolume): boolean => {
    if (volume.metadata.deletionTimestamp !== undefined || isTooSmall(volume, claim) || modeOf(volume) !== modeOf(claim) || !hasModes(volume, claim)) return false;
    if (volume.spec.claimRef !== undefined) return isReservedFor(volume, claim);
    return volume.status.phase === "Available" && classOf(volume) === classOf(claim) && selector?.matches(volume.metadata.labels) !== false;
  };
  const rank = (a: PersistentVolume, b: PersistentVolume): number =>
    Number(b.spec.claimRef !== undefined) - Number(a.spec.claimRef !== undefined) || sizeOf(a.spec.capacity).cmp(sizeOf(b.spec.capacity));
  return volumes.filter(does).sort(rank);
}

/** Why a volume that the claim names does not do. Upstream: pkg/controller/volume/persistentvolume/pv_controller.go checkVolumeSatisfyClaim */
export function mismatch(claim: PersistentVolumeClaim, volume: PersistentVolume): string | undefined {
  if (volume.metadata.deletionTimestamp !== undefined) return `the volume is marked for deletion "${volume.metadata.name}"`;
  if (isTooSmall(volume, claim)) return "requested PV is too small";
  if (classOf(volume) !== classOf(claim)) return "storageClassName does not match";
  if (modeOf(volume) !== modeOf(claim)) return "incompatible volumeMode";
  return hasModes(volume, claim) ? undefined : "incompatible accessMode";
}

/** How much the claim asks for. */
export const requestedSize = (claim: PersistentVolumeClaim): Quantity => sizeOf(claim.spec.resources?.requests);

const sizeOf = (list: Readonly<Record<string, string>> | undefined): Quantity => Quantity.parse(list?.["storage"] ?? "0");
const classOf = ({ spec }: { readonly spec: { readonly storageClassName?: string } }): string => spec.storageClassName ?? "";
/** A file system, unless a block device is asked for. */
export const modeOf = ({ spec }: { readonly spec: { readonly volumeMode?: string } }): string => spec.volumeMode ?? "Filesystem";
const isTooSmall = (volume: PersistentVolume, claim: PersistentVolumeClaim): boolean => sizeOf(volume.spec.capacity).cmp(requestedSize(claim)) < 0;
const hasModes = (volume: PersistentVolume, claim: PersistentVolumeClaim): boolean => (claim.spec.accessModes ?? []).every((mode) => volume.spec.accessModes?.includes(mode) === true);

/** The volume names this claim, by its uid where it has one. */
export function isReservedFor({ spec }: PersistentVolume, { metadata }: PersistentVolumeClaim): boolean {
  const { claimRef } = spec;
  return claimRef?.name === metadata.name && claimRef?.namespace === metadata.namespace && (claimRef.uid === undefined || claimRef.uid === "" || claimRef.uid === metadata.uid);
}
