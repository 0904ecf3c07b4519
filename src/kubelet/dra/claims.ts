/** Which claims a pod and its containers have, and whether the pod may use them, decided purely. Upstream: pkg/kubelet/cm/dra/manager.go */
import { Quantity } from "#apimachinery/quantity.ts";
import { keyOf } from "#apimachinery/meta.ts";
import type { Container, Pod, PodResourceClaim } from "#api/gen/core-v1.ts";
import type { ResourceClaim } from "#api/gen/resource-v1.ts";
import { isClaimFor, isReservedFor, meantBy } from "#api/resource-claim.ts";
import { uidOf } from "../names.ts";

/** A claim of a pod. */
export interface ClaimRef {
  readonly name: string;
  /** Made for this pod alone, out of a template. */
  readonly generated: boolean;
}

/** What a container has of a claim. */
export interface ContainerClaim {
  readonly claim: string;
  /** Empty: all of it. */
  readonly request: string;
  /** As the container's status names it; empty for what stands for an extended resource. */
  readonly label: string;
}

/** The claims of a pod, with that which the scheduler made for its extended resources. Throws when one is not made yet. */
export function claimsOf(pod: Pod): ClaimRef[] {
  const named = (pod.spec.resourceClaims ?? []).flatMap((claim) => claimOf(pod, claim) ?? []);
  const extended = pod.status.extendedResourceClaimStatus;
  return extended === undefined ? named : [...named, { name: extended.resourceClaimName, generated: false }];
}

/** Undefined: none is needed. */
function claimOf(pod: Pod, claim: PodResourceClaim): ClaimRef | undefined {
  if (!claim.resourceClaimName && !claim.resourceClaimTemplateName) throw new Error(`Pod ${keyOf(pod)}, spec.resourceClaim ${claim.name}: none of the supported fields are set`);
  const meant = meantBy(pod, claim);
  if (meant === undefined) throw new Error(`Pod ${keyOf(pod)}: ResourceClaim not created yet`);
  return meant === "none" ? undefined : meant;
}

/** Why the pod may not use the claim, or why it cannot yet. Upstream: prepareResources, newClaimInfoFromClaim */
export function claimProblem(pod: Pod, { generated }: ClaimRef, claim: ResourceClaim): string | undefined {
  const { metadata, status } = claim;
  if (generated && !isClaimFor(claim, pod)) return `ResourceClaim ${keyOf(claim)} was not created for Pod ${keyOf(pod)} (Pod is not owner)`;
  if (!isReservedFor(claim, pod)) return `pod ${pod.metadata.name} (${uidOf(pod)}) is not allowed to use ResourceClaim ${metadata.name} (${metadata.uid ?? ""})`;
  return status.allocation === undefined ? `ResourceClaim ${metadata.name}: not allocated` : undefined;
}

/** The drivers that have a part in a claim's allocation. */
export const driversOf = ({ status }: ResourceClaim): string[] => [...new Set((status.allocation?.devices?.results ?? []).map(({ driver }) => driver))];

/** What a container asks of those of the pod's claims that are there. Upstream: GetResources */
export function containerClaims(pod: Pod, { name, resources }: Container): ContainerClaim[] {
  const asked = (resources?.claims ?? []).flatMap(({ name: entry, request = "" }) => {
    const claim = pod.spec.resourceClaims?.find((each) => each.name === entry);
    const found = claim === undefined ? undefined : meantBy(pod, claim);
    return found === undefined || found === "none" ? [] : [{ claim: found.name, request, label: `claim:${entry}${request === "" ? "" : `/${request}`}` }];
  });
  const { requestMappings = [], resourceClaimName = "" } = pod.status.extendedResourceClaimStatus ?? {};
  const extended = requestMappings.filter(({ containerName, resourceName }) => containerName === name && Quantity.parse(resources?.requests?.[resourceName] ?? "0").value > 0);
  return [...asked, ...extended.map(({ requestName }) => ({ claim: resourceClaimName, request: requestName, label: "" }))];
}
