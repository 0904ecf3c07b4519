/** Binding claims to volumes, decided purely. Upstream: pkg/controller/volume/persistentvolume/pv_controller.go syncClaim */
import type { PersistentVolume, PersistentVolumeClaim } from "#api/gen/core-v1.ts";
import type { StorageClass } from "#api/gen/storage-v1.ts";
import { boundAnnotation, candidatesFor, isReservedFor, mismatch, selectedNodeAnnotation } from "#api/volume-matching.ts";
import { normal, type Told, warning } from "../told.ts";

export type ClaimPlan =
  | { readonly action: "bind"; readonly volume: PersistentVolume }
  /** Nothing can be done now; `tell` is why. */
  | { readonly action: "wait"; readonly tell?: Told }
  | { readonly action: "provision"; readonly provisioner: string }
  /** It names no class, and since it was made there is a default. */
  | { readonly action: "class"; readonly name: string }
  | { readonly action: "lose"; readonly tell: Told };

export interface Known {
  readonly volumes: readonly PersistentVolume[];
  readonly classes: readonly StorageClass[];
  volume(name: string): PersistentVolume | undefined;
  class(name: string): StorageClass | undefined;
  /** Names of pods with this claim that have no node yet. */
  waitingPods(claim: PersistentVolumeClaim): readonly string[];
}

/** What to do about a claim. */
export function planClaim(claim: PersistentVolumeClaim, known: Known): ClaimPlan {
  const name = claim.spec.volumeName ?? "";
  if (claim.metadata.annotations?.[boundAnnotation] !== undefined) return planBound(claim, name === "" ? undefined : known.volume(name));
  return name === "" ? planUnbound(claim, known) : planNamed(claim, known.volume(name));
}

function planBound(claim: PersistentVolumeClaim, volume: PersistentVolume | undefined): ClaimPlan {
  const lost = (claim.spec.volumeName ?? "") === "" ? "reference to PersistentVolume" : "its PersistentVolume";
  if (volume === undefined) return { action: "lose", tell: warning("ClaimLost", `Bound claim has lost ${lost}. Data on the volume is lost!`) };
  if (volume.spec.claimRef === undefined || volume.spec.claimRef.uid === claim.metadata.uid) return { action: "bind", volume };
  return { action: "lose", tell: warning("ClaimMisbound", "Two claims are bound to the same volume, this one is bound incorrectly") };
}

/** The user, or the scheduler, named the volume. */
function planNamed(claim: PersistentVolumeClaim, volume: PersistentVolume | undefined): ClaimPlan {
  if (volume === undefined) return { action: "wait" };
  const { name } = volume.metadata;
  if (volume.spec.claimRef === undefined) {
    const problem = mismatch(claim, volume);
    return problem === undefined ? { action: "bind", volume } : { action: "wait", tell: warning("VolumeMismatch", `Cannot bind to requested volume "${name}": ${problem}`) };
  }
  return isReservedFor(volume, claim) ? { action: "bind", volume } : { action: "wait", tell: warning("FailedBinding", `volume "${name}" already bound to a different claim.`) };
}

function planUnbound(claim: PersistentVolumeClaim, known: Known): ClaimPlan {
  const className = claim.spec.storageClassName ?? "";
  const storageClass = known.class(className);
  const delayed = storageClass?.volumeBindingMode === "WaitForFirstConsumer";
  const volume = bestFor(claim, known.volumes.filter((v) => !delayed || v.spec.claimRef !== undefined));
  if (volume !== undefined) return { action: "bind", volume };
  const standard = claim.spec.storageClassName === undefined ? defaultClass(known.classes) : undefined;
  if (standard !== undefined) return { action: "class", name: standard.metadata.name };
  if (delayed && claim.metadata.annotations?.[selectedNodeAnnotation] === undefined) return { action: "wait", tell: delay(known.waitingPods(claim)) };
  if (className === "") return { action: "wait", tell: normal("FailedBinding", "no persistent volumes available for this claim and no storage class is set") };
  return provisioning(className, storageClass);
}

/** What is reserved for it; else those with the fewest access modes beyond what is asked, of them the smallest. Upstream: findByClaim */
function bestFor(claim: PersistentVolumeClaim, volumes: readonly PersistentVolume[]): PersistentVolume | undefined {
  const candidates = candidatesFor(claim, volumes);
  const modes = ({ spec }: PersistentVolume): number => (spec.claimRef === undefined ? (spec.accessModes ?? []).length : 0);
  return candidates.toSorted((a, b) => modes(a) - modes(b))[0];
}

/** Of several defaults the newest. Upstream: pkg/volume/util GetDefaultClass */
function defaultClass(classes: readonly StorageClass[]): StorageClass | undefined {
  const marked = classes.filter(({ metadata }) => ["storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class"].some((name) => metadata.annotations?.[name] === "true"));
  const age = ({ metadata }: StorageClass): string => metadata.creationTimestamp ?? "";
  return marked.toSorted((a, b) => (age(a) === age(b) ? (a.metadata.name < b.metadata.name ? -1 : 1) : age(a) > age(b) ? -1 : 1))[0];
}

/** Upstream: emitEventForUnboundDelayBindingClaim */
function delay(pods: readonly string[]): Told {
  if (pods.length === 0) return normal("WaitForFirstConsumer", "waiting for first consumer to be created before binding");
  return normal("WaitForPodScheduled", `waiting for ${pods.length > 1 ? "pods" : "pod"} ${pods.join(",")} to be scheduled`);
}

/** No provisioner is part of this cluster's own: those of upstream's name do not exist. Upstream: findProvisionablePlugin */
function provisioning(className: string, storageClass: StorageClass | undefined): ClaimPlan {
  if (storageClass === undefined) return { action: "wait", tell: warning("ProvisioningFailed", `storageclass.storage.k8s.io "${className}" not found`) };
  const { provisioner } = storageClass;
  return provisioner.startsWith("kubernetes.io/") ? { action: "wait", tell: warning("ProvisioningFailed", `no volume plugin matched name: ${provisioner}`) } : { action: "provision", provisioner };
}
