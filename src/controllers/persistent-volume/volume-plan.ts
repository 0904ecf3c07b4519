/** What becomes of volumes, decided purely. Upstream: pkg/controller/volume/persistentvolume/pv_controller.go syncVolume, reclaimVolume */
import type { PersistentVolume, PersistentVolumeClaim } from "#api/gen/core-v1.ts";
import { boundByControllerAnnotation, modeOf, provisionedByAnnotation } from "#api/volume-matching.ts";

export type VolumePlan =
  | { readonly action: "none" }
  | { readonly action: "phase"; readonly phase: "Available" | "Bound" | "Released" }
  /** Its reclaim policy cannot be carried out. */
  | { readonly action: "fail"; readonly reason: string; readonly message: string }
  /** The volume that its claim cannot use. */
  | { readonly action: "mismatch" }
  /** Its claim took another volume: nobody's again, or the claim's that a user named. */
  | { readonly action: "unbind" };

/** What to do about a volume. @param claim that its claimRef names, if there is one of that uid */
export function planVolume(volume: PersistentVolume, claim: PersistentVolumeClaim | undefined): VolumePlan {
  const { claimRef, persistentVolumeReclaimPolicy: policy } = volume.spec;
  if (claimRef === undefined || (claimRef.uid ?? "") === "") return { action: "phase", phase: "Available" };
  if (claim === undefined) return planReclaim(volume);
  const name = claim.spec.volumeName ?? "";
  if (name === volume.metadata.name) return { action: "phase", phase: "Bound" };
  if (name === "") return modeOf(volume) === modeOf(claim) ? { action: "none" } : { action: "mismatch" }; // the claim's own work binds it
  const unneeded = volume.metadata.annotations?.[provisionedByAnnotation] !== undefined && policy === "Delete";
  return unneeded ? planReclaim(volume) : { action: "unbind" };
}

/** First everybody is told that it is released: the provisioners of the volumes that they made delete them then. */
function planReclaim({ metadata, spec, status }: PersistentVolume): VolumePlan {
  if (status.phase !== "Released" && status.phase !== "Failed") return { action: "phase", phase: "Released" };
  if (metadata.deletionTimestamp !== undefined) return { action: "none" };
  if (spec.persistentVolumeReclaimPolicy === "Recycle") return { action: "fail", reason: "VolumeFailedRecycle", message: "No recycler plugin found for the volume!" };
  const deletedByOthers = metadata.annotations?.[provisionedByAnnotation] !== undefined || spec.csi !== undefined;
  if (spec.persistentVolumeReclaimPolicy !== "Delete" || deletedByOthers) return { action: "none" };
  return { action: "fail", reason: "VolumeFailedDelete", message: `error getting deleter volume plugin for volume "${metadata.name}": no deletable volume plugin matched` };
}

/** The volume without its claim; one that a user reserved stays reserved, for whoever has the claim's name. Upstream: unbindVolume */
export function unbound(volume: PersistentVolume): PersistentVolume {
  const { claimRef, ...spec } = volume.spec;
  const { [boundByControllerAnnotation]: byController, ...annotations } = volume.metadata.annotations ?? {};
  if (byController !== undefined || claimRef === undefined) return { ...volume, metadata: { ...volume.metadata, annotations }, spec };
  const { uid: _, ...reserved } = claimRef;
  return { ...volume, spec: { ...spec, claimRef: reserved } };
}
