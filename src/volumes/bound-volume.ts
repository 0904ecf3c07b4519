import { foreignClaim } from "#api/ephemeral-volume.ts";
import type { PersistentVolumeClaim, Pod, Volume } from "#api/gen/core-v1.ts";
import { claimNameOf } from "#api/pod-references.ts";
import type { Persistent, VolumeSources } from "./plugin.ts";

/**
 * The claim that a pod's volume names, also that of an ephemeral one, and the volume that it is bound to, both ways; undefined
 * for a volume that is no claim's. Throws in upstream's words. Upstream: pkg/kubelet/volumemanager/populator getPVCExtractPV
 */
export async function boundVolume(pod: Pod, volume: Volume, source: VolumeSources): Promise<Persistent | undefined> {
  const name = claimNameOf(pod, volume);
  if (name === undefined) return undefined;
  const namespace = pod.metadata.namespace ?? "";
  const claim = await source.claim(namespace, name);
  checkClaim(pod, volume, claim);
  const bound = await source.persistentVolume(claim.spec.volumeName ?? "");
  if (bound.spec.claimRef?.uid !== claim.metadata.uid) throw new Error(`found PV object "${bound.metadata.name}" with an incorrect claimRef.UID "${bound.spec.claimRef?.uid ?? ""}" for PVC ${namespace}/${name}`);
  return { claim, volume: bound };
}

function checkClaim(pod: Pod, volume: Volume, claim: PersistentVolumeClaim): void {
  const { metadata, spec, status } = claim;
  const foreign = volume.ephemeral && foreignClaim(pod, claim);
  if (foreign !== undefined) throw new Error(foreign);
  if (metadata.deletionTimestamp !== undefined && metadata.finalizers?.includes("kubernetes.io/pvc-protection") !== true) throw new Error(`PVC ${metadata.namespace}/${metadata.name} is being deleted`);
  if (status.phase !== "Bound" || (spec.volumeName ?? "") === "") throw new Error(`PVC ${metadata.namespace}/${metadata.name} is not bound`);
}
