/** Which pods hold which claims. Upstream: pkg/controller/volume/pvcprotection podUsesPVC */
import { ephemeralClaimName, foreignClaim } from "#api/ephemeral-volume.ts";
import type { PersistentVolumeClaim, Pod } from "#api/gen/core-v1.ts";

/**
 * A pod that has a node uses its claims as long as it is there; without one it uses none, since kubelets refuse claims that go.
 * The claim of an ephemeral volume may wait no longer than its pod's end: the pod may wait for the claim.
 */
export function uses(pod: Pod, claim: PersistentVolumeClaim): boolean {
  const { name } = claim.metadata;
  if (!pod.spec.nodeName) return false;
  return (pod.spec.volumes ?? []).some(({ persistentVolumeClaim, ephemeral, name: volume }) =>
    persistentVolumeClaim?.claimName === name || (ephemeral !== undefined && !isShutDown(pod) && ephemeralClaimName(pod, volume) === name && foreignClaim(pod, claim) === undefined));
}

const isShutDown = ({ metadata }: Pod): boolean => metadata.deletionTimestamp !== undefined && metadata.deletionGracePeriodSeconds === 0;
