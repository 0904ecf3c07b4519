/** Which claims are meant by a pod's, and whether they are the pod's own. Upstream: dynamic-resource-allocation/resourceclaim/claim.go */
import { controllerOf } from "#apimachinery/meta.ts";
import type { Pod, PodResourceClaim } from "./gen/core-v1.ts";
import type { ResourceClaim } from "./gen/resource-v1.ts";

/** Held by an allocated claim, so that its devices are given back first. Upstream: resource/v1 Finalizer */
export const allocationFinalizer = "resource.kubernetes.io/delete-protection";

/** `generated`: made for this pod alone. `none`: found not to be needed. Undefined: not made yet. */
export type Meant = { readonly name: string; readonly generated: boolean } | "none" | undefined;

/** Upstream: Name */
export function meantBy({ status }: Pick<Pod, "status">, { name, resourceClaimName }: PodResourceClaim): Meant {
  if (resourceClaimName !== undefined) return { name: resourceClaimName, generated: false };
  const known = status.resourceClaimStatuses?.find((one) => one.name === name);
  if (known === undefined) return undefined;
  return known.resourceClaimName === undefined ? "none" : { name: known.resourceClaimName, generated: true };
}

/** Keys of the claims that a pod uses, as far as they are known; that of its extended resources is the last. */
export function resourceClaimKeysOf(pod: Pick<Pod, "metadata" | "spec" | "status">): string[] {
  const names = (pod.spec.resourceClaims ?? []).map((podClaim) => meantBy(pod, podClaim)).flatMap((meant) => (meant === undefined || meant === "none" ? [] : [meant.name]));
  const extended = pod.status.extendedResourceClaimStatus?.resourceClaimName;
  return [...names, ...(extended ? [extended] : [])].map((name) => `${pod.metadata.namespace ?? ""}/${name}`);
}

/** Whether a claim that was made for a pod is this pod's. Upstream: IsForPod */
export const isClaimFor = (claim: ResourceClaim, pod: Pick<Pod, "metadata">): boolean => controllerOf(claim)?.uid === pod.metadata.uid;

/** Whether the pod is among those that may use it. Upstream: IsReservedForPod */
export const isReservedFor = ({ status }: ResourceClaim, pod: Pick<Pod, "metadata">): boolean => status.reservedFor?.some(({ uid }) => uid === pod.metadata.uid) === true;
