/** Claims that stand for a pod's own volumes. Upstream: component-helpers/storage/ephemeral */
import { controllerOf } from "#apimachinery/meta.ts";
import type { PersistentVolumeClaim, Pod } from "./gen/core-v1.ts";

/** The name of the claim that is made for an ephemeral volume. Upstream: VolumeClaimName */
export const ephemeralClaimName = ({ metadata }: Pick<Pod, "metadata">, volume: string): string => `${metadata.name}-${volume}`;

/** Why a claim of that name is not the volume's: it was there before, and is somebody else's. Upstream: VolumeIsForPod */
export const foreignClaim = ({ metadata: pod }: Pick<Pod, "metadata">, claim: PersistentVolumeClaim): string | undefined =>
  controllerOf(claim)?.uid === pod.uid ? undefined : `PVC ${claim.metadata.namespace}/${claim.metadata.name} was not created for pod ${pod.namespace}/${pod.name} (pod is not owner)`;
