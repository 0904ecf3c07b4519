/** The claims of a pod, or why it cannot be tried without them. Pure. Upstream: dynamicresources foreachPodResourceClaim */
import type { Pod } from "#api/gen/core-v1.ts";
import type { ResourceClaim } from "#api/gen/resource-v1.ts";
import { isClaimFor, meantBy } from "#api/resource-claim.ts";
import { keyOf } from "#apimachinery/meta.ts";

export type PodClaims = { readonly claims: readonly ResourceClaim[] } | { readonly problem: string };

/** @param get by `namespace/name` */
export function podClaims(pod: Pod, get: (key: string) => ResourceClaim | undefined): PodClaims {
  const claims: ResourceClaim[] = [];
  for (const podClaim of pod.spec.resourceClaims ?? []) {
    if (podClaim.resourceClaimName === undefined && podClaim.resourceClaimTemplateName === undefined) return { problem: `Pod ${keyOf(pod)}, spec.resourceClaim ${podClaim.name}: none of the supported fields are set` };
    const meant = meantBy(pod, podClaim);
    if (meant === undefined) return { problem: `Pod ${keyOf(pod)}: ResourceClaim not created yet` };
    if (meant === "none") continue;
    const key = `${pod.metadata.namespace ?? ""}/${meant.name}`;
    const claim = get(key);
    if (claim === undefined) return { problem: `could not find ResourceClaim "${key}"` };
    if (claim.metadata.deletionTimestamp !== undefined) return { problem: `resourceclaim "${meant.name}" is being deleted` };
    if (meant.generated && !isClaimFor(claim, pod)) return { problem: `ResourceClaim ${key} was not created for Pod ${keyOf(pod)} (Pod is not owner)` };
    claims.push(claim);
  }
  return { claims };
}
