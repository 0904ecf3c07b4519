/** Which claims a pod and its containers have, and whether the pod may use them, decided purely. Upstream: dynamic-resource-allocation/resourceclaim, pkg/kubelet/cm/dra/manager.go */
import { Quantity } from "#apimachinery/quantity.ts";
import { controllerOf } from "#apimachinery/meta.ts";
import type { Container, Pod, PodResourceClaim } from "#api/gen/core-v1.ts";
import type { ResourceClaim } from "#api/gen/resource-v1.ts";
import { namespaceOf, uidOf } from "../names.ts";

/** A claim of a pod. */
export interface ClaimRef {
  readonly name: string;
  /** It was made for this pod, out of a template. */
  readonly owned: boolean;
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
  return extended === undefined ? named : [...named, { name: extended.resourceClaimName, owned: false }];
}

/** Undefined: none is needed. Upstream: Name */
function claimOf(pod: Pod, { name, resourceClaimName, resourceClaimTemplateName }: PodResourceClaim): ClaimRef | undefined {
  if (resourceClaimName) return { name: resourceClaimName, owned: false };
  const where = `Pod ${namespaceOf(pod)}/${pod.metadata.name}`;
  if (!resourceClaimTemplateName) throw new Error(`${where}, spec.resourceClaim ${name}: none of the supported fields are set`);
  const made = pod.status.resourceClaimStatuses?.find((status) => status.name === name);
  if (made === undefined) throw new Error(`${where}: ResourceClaim not created yet`);
  return made.resourceClaimName ? { name: made.resourceClaimName, owned: true } : undefined;
}

/** Why the pod may not use the claim, or why it cannot yet. Upstream: IsForPod, IsReservedForPod, newClaimInfoFromClaim */
export function claimProblem(pod: Pod, { owned }: ClaimRef, { metadata, status }: ResourceClaim): string | undefined {
  const uid = uidOf(pod);
  if (owned && (metadata.namespace !== namespaceOf(pod) || controllerOf({ metadata })?.uid !== uid))
    return `ResourceClaim ${metadata.namespace ?? ""}/${metadata.name} was not created for Pod ${namespaceOf(pod)}/${pod.metadata.name} (Pod is not owner)`;
  if (status?.reservedFor?.some((consumer) => consumer.uid === uid) !== true) return `pod ${pod.metadata.name} (${uid}) is not allowed to use ResourceClaim ${metadata.name} (${metadata.uid ?? ""})`;
  return status.allocation === undefined ? `ResourceClaim ${metadata.name}: not allocated` : undefined;
}

/** The drivers that have a part in a claim's allocation. */
export const driversOf = ({ status }: ResourceClaim): string[] => [...new Set((status?.allocation?.devices?.results ?? []).map(({ driver }) => driver))];

/** What a container asks of the pod's claims. Upstream: GetResources */
export function containerClaims(pod: Pod, { name, resources }: Container): ContainerClaim[] {
  const asked = (resources?.claims ?? []).flatMap(({ name: entry, request = "" }) => {
    const claim = pod.spec.resourceClaims?.find((each) => each.name === entry);
    const found = claim === undefined ? undefined : claimOf(pod, claim);
    return found === undefined ? [] : [{ claim: found.name, request, label: `claim:${entry}${request === "" ? "" : `/${request}`}` }];
  });
  const { requestMappings = [], resourceClaimName = "" } = pod.status.extendedResourceClaimStatus ?? {};
  const extended = requestMappings.filter(({ containerName, resourceName }) => containerName === name && Quantity.parse(resources?.requests?.[resourceName] ?? "0").value > 0);
  return [...asked, ...extended.map(({ requestName }) => ({ claim: resourceClaimName, request: requestName, label: "" }))];
}
