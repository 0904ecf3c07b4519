/** Which pods hold which claims. Upstream: pkg/controller/volume/pvcprotection podUsesPVC */
import type { PersistentVolumeClaim, Pod } from "#api/gen/core-v1.ts";
import { controllerOf } from "#apimachinery/meta.ts";

/** Keys of the claims that a pod names, those of its ephemeral volumes among them. */
export const claimsOf = ({ metadata, spec }: Pod): string[] =>
  (spec.volumes ?? []).flatMap(({ persistentVolumeClaim, ephemeral, name }) => {
    const claim = persistentVolumeClaim?.claimName ?? (ephemeral === undefined ? undefined : `${metadata.name}-${name}`);
    return claim === undefined ? [] : [`${metadata.namespace ?? ""}/${claim}`];
  });

/**
 * A pod that has a node uses its claims as long as it is there; without one it uses none, since kubelets refuse claims that go.
 * The claim of an ephemeral volume may wait no longer than its pod's end: the pod may wait for the claim.
 */
export function uses(pod: Pod, claim: PersistentVolumeClaim): boolean {
  const { name } = claim.metadata;
  if (!pod.spec.nodeName) return false;
  return (pod.spec.volumes ?? []).some(({ persistentVolumeClaim, ephemeral, name: volume }) =>
    persistentVolumeClaim?.claimName === name || (ephemeral !== undefined && !isShutDown(pod) && `${pod.metadata.name}-${volume}` === name && controllerOf(claim)?.uid === pod.metadata.uid));
}

const isShutDown = ({ metadata }: Pod): boolean => metadata.deletionTimestamp !== undefined && metadata.deletionGracePeriodSeconds === 0;
