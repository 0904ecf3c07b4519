/** Binding claims and volumes, decided purely. Upstream: pkg/controller/volume/persistentvolume/pv_controller.go */
import type { PersistentVolume, PersistentVolumeClaim } from "#api/gen/core-v1.ts";
import type { StorageClass } from "#api/gen/storage-v1.ts";
import { boundAnnotation, candidatesFor, isReservedFor, provisionedByAnnotation, selectedNodeAnnotation } from "#api/volume-matching.ts";

export type ClaimPlan =
  | { readonly action: "bind"; readonly volume: PersistentVolume }
  | { readonly action: "wait"; readonly reason: "WaitForFirstConsumer" | "FailedBinding" | "none"; readonly message: string }
  | { readonly action: "provision"; readonly provisioner: string }
  | { readonly action: "lose"; readonly reason: "ClaimLost" | "ClaimMisbound"; readonly message: string };

export interface Known {
  readonly volumes: readonly PersistentVolume[];
  volume(name: string): PersistentVolume | undefined;
  class(name: string): StorageClass | undefined;
}

const isBoundTo = ({ spec }: PersistentVolume, { metadata }: PersistentVolumeClaim): boolean => spec.claimRef?.uid === metadata.uid;

/** What to do about a claim. */
export function planClaim(claim: PersistentVolumeClaim, known: Known): ClaimPlan {
  const name = claim.spec.volumeName ?? "";
  if (claim.metadata.annotations?.[boundAnnotation] !== undefined) return planBound(claim, name === "" ? undefined : known.volume(name));
  return name === "" ? planUnbound(claim, known) : planNamed(claim, known.volume(name));
}

function planBound(claim: PersistentVolumeClaim, volume: PersistentVolume | undefined): ClaimPlan {
  if (volume === undefined) return { action: "lose", reason: "ClaimLost", message: "Bound claim has lost its PersistentVolume. Data on the volume is lost!" };
  if (volume.spec.claimRef === undefined || isBoundTo(volume, claim)) return { action: "bind", volume };
  return { action: "lose", reason: "ClaimMisbound", message: "Two claims are bound to the same volume, this one is bound incorrectly" };
}

/** The user, or the scheduler, named the volume. */
function planNamed(claim: PersistentVolumeClaim, volume: PersistentVolume | undefined): ClaimPlan {
  if (volume === undefined) return { action: "wait", reason: "none", message: "" };
  if (volume.spec.claimRef === undefined || isReservedFor(volume, claim)) return { action: "bind", volume };
  return { action: "wait", reason: "FailedBinding", message: `volume "${volume.metadata.name}" already bound to a different claim.` };
}

function planUnbound(claim: PersistentVolumeClaim, known: Known): ClaimPlan {
  const storageClass = known.class(claim.spec.storageClassName ?? "");
  const node = claim.metadata.annotations?.[selectedNodeAnnotation];
  const delayed = storageClass?.volumeBindingMode === "WaitForFirstConsumer";
  const [volume] = candidatesFor(claim, known.volumes).filter((v) => !delayed || v.spec.claimRef !== undefined);
  if (volume !== undefined) return { action: "bind", volume };
  if (delayed && node === undefined) return { action: "wait", reason: "WaitForFirstConsumer", message: "waiting for first consumer to be created before binding" };
  const provisioner = storageClass?.provisioner;
  if (provisioner !== undefined && provisioner !== "kubernetes.io/no-provisioner") return { action: "provision", provisioner };
  const message = (claim.spec.storageClassName ?? "") === ""
    ? "no persistent volumes available for this claim and no storage class is set"
    : storageClass === undefined ? `storageclass.storage.k8s.io "${claim.spec.storageClassName ?? ""}" not found` : "no persistent volumes available for this claim and no storage class is set";
  return { action: "wait", reason: "FailedBinding", message };
}

export type VolumePlan =
  | { readonly action: "phase"; readonly phase: "Available" | "Bound" | "Released" }
  | { readonly action: "fail"; readonly message: string }
  /** Its claim took another volume: nobody's again. */
  | { readonly action: "unbind" };

/** What to do about a volume. @param claim that its claimRef names, if there is one of that uid */
export function planVolume(volume: PersistentVolume, claim: PersistentVolumeClaim | undefined): VolumePlan {
  const { claimRef, persistentVolumeReclaimPolicy: policy } = volume.spec;
  if (claimRef === undefined || (claimRef.uid ?? "") === "") return { action: "phase", phase: "Available" };
  if (claim !== undefined) {
    const name = claim.spec.volumeName ?? "";
    if (name === volume.metadata.name) return { action: "phase", phase: "Bound" };
    if (name === "") return { action: "phase", phase: "Available" };
    return volume.metadata.annotations?.["pv.kubernetes.io/bound-by-controller"] === "yes" ? { action: "unbind" } : { action: "phase", phase: "Available" };
  }
  if (policy === "Recycle") return { action: "fail", message: "the reclaim policy Recycle is not supported" };
  const provisioned = volume.metadata.annotations?.[provisionedByAnnotation] !== undefined;
  if (policy === "Delete" && !provisioned && volume.spec.csi === undefined) return { action: "fail", message: "error getting deleter volume plugin for volume: no volume plugin matched" };
  return { action: "phase", phase: "Released" };
}
