/** Which claim is meant by a pod's. Upstream: dynamic-resource-allocation/resourceclaim Name, IsForPod */
import type { Pod, PodResourceClaim } from "#api/gen/core-v1.ts";
import type { ResourceClaim } from "#api/gen/resource-v1.ts";
import { isTerminal } from "#api/pod.ts";
import { controllerOf } from "#apimachinery/meta.ts";

/** `generated`: made for this pod alone. `none`: found not to be needed. Undefined: not made yet. */
export type Meant = { readonly name: string; readonly generated: boolean } | "none" | undefined;

export function meantBy({ status }: Pod, { name, resourceClaimName }: PodResourceClaim): Meant {
  if (resourceClaimName !== undefined) return { name: resourceClaimName, generated: false };
  const known = status.resourceClaimStatuses?.find((one) => one.name === name);
  if (known === undefined) return undefined;
  return known.resourceClaimName === undefined ? "none" : { name: known.resourceClaimName, generated: true };
}

/** Keys of the claims that a pod uses, as far as they are known. */
export function claimsOf(pod: Pod): string[] {
  return (pod.spec.resourceClaims ?? []).flatMap((podClaim) => {
    const meant = meantBy(pod, podClaim);
    return meant === undefined || meant === "none" ? [] : [`${pod.metadata.namespace ?? ""}/${meant.name}`];
  });
}

/** Whether a claim that was made for a pod is this pod's. */
export const isFor = (claim: ResourceClaim, pod: Pod): boolean => controllerOf(claim)?.uid === pod.metadata.uid;

/** None of its containers runs or ever will. Upstream: isPodDone */
export const isDone = (pod: Pod): boolean => isTerminal(pod) || (pod.metadata.deletionTimestamp !== undefined && (pod.spec.nodeName ?? "") === "");
