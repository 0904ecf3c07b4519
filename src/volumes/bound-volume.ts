import type { PersistentVolumeClaim, Pod, Volume } from "#api/gen/core-v1.ts";
import type { Persistent, VolumeSources } from "./plugin.ts";

/**
 * The claim that a pod's volume names, also that of an ephemeral one, and the volume that it is bound to, both ways; undefined
 * for a volume that is no claim's. Throws in upstream's words. Upstream: pkg/kubelet/volumemanager/populator getPVCExtractPV
 */
export async function boundVolume(pod: Pod, volume: Volume, source: VolumeSources): Promise<Persistent | undefined> {
  if (volume.persistentVolumeClaim === undefined && volume.ephemeral === undefined) return undefined;
  const namespace = pod.metadata.namespace ?? "";
  const name = volume.persistentVolumeClaim?.claimName ?? `${pod.metadata.name}-${volume.name}`;
  const claim = await source.claim(namespace, name);
  checkClaim(pod, volume, claim);
  const bound = await source.persistentVolume(claim.spec.volumeName ?? "");
  if (bound.spec.claimRef?.uid !== claim.metadata.uid) throw new Error(`found PV object "${bound.metadata.name}" with an incorrect claimRef.UID "${bound.spec.claimRef?.uid ?? ""}" for PVC ${namespace}/${name}`);
  return { claim, volume: bound };
}

function checkClaim(pod: Pod, volume: Volume, { metadata, spec, status }: PersistentVolumeClaim): void {
  const isOwner = metadata.ownerReferences?.some(({ uid, controller }) => controller === true && uid === pod.metadata.uid) === true;
  if (volume.ephemeral !== undefined && !isOwner) throw new Error(`PVC ${metadata.namespace}/${metadata.name} was not created for pod ${pod.metadata.namespace}/${pod.metadata.name} (pod is not owner)`);
  if (metadata.deletionTimestamp !== undefined && metadata.finalizers?.includes("kubernetes.io/pvc-protection") !== true) throw new Error(`PVC ${metadata.namespace}/${metadata.name} is being deleted`);
  if (status.phase !== "Bound" || (spec.volumeName ?? "") === "") throw new Error(`PVC ${metadata.namespace}/${metadata.name} is not bound`);
}
