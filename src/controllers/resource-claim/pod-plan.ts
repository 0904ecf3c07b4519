/** What a pod lacks of its resource claims. Pure. Upstream: pkg/controller/resourceclaim/controller.go syncPod */
import type { Pod, PodResourceClaim } from "#api/gen/core-v1.ts";
import type { ResourceClaim, ResourceClaimTemplate } from "#api/gen/resource-v1.ts";
import { isClaimFor, isReservedFor, meantBy } from "#api/resource-claim.ts";
import { pods } from "#api/resources.ts";
import { controllerRef } from "../owner.ts";
import { isDone } from "./done.ts";

/** Names the claim of the pod that a claim was made for. */
const podClaimAnnotation = "resource.kubernetes.io/pod-claim-name";
/** Pods that may use one claim. Upstream: ResourceClaimReservedForMaxSize */
const mostConsumers = 256;
/** Leaves room for a hyphen and five random characters in a name of 63. */
const longestBase = 57;

export interface PodPlan {
  /** To be made from a template. */
  readonly missing: readonly { readonly podClaim: string; readonly template: string }[];
  /** Made for the pod before, which does not say so yet: by the name of its claim. */
  readonly found: Readonly<Record<string, string>>;
  /** Given to the pod's node already, but not to the pod: who set its node passed over the scheduler. */
  readonly reserve: readonly ResourceClaim[];
}

/**
 * A pod that has ended lacks nothing: its claims have gone because of that.
 * @param claimOf the claim of this name in the pod's namespace
 * @param own claims whose controller is the pod
 */
export function planForPod(pod: Pod, claimOf: (name: string) => ResourceClaim | undefined, own: readonly ResourceClaim[]): PodPlan {
  const wanted = pod.metadata.deletionTimestamp === undefined && !isDone(pod) ? (pod.spec.resourceClaims ?? []) : [];
  const lacking = wanted.filter((podClaim) => podClaim.resourceClaimTemplateName !== undefined && lacks(pod, podClaim, claimOf));
  const found = lacking.flatMap(({ name }) => own.filter(({ metadata }) => metadata.annotations?.[podClaimAnnotation] === name).slice(0, 1).map((claim) => [name, claim.metadata.name] as const));
  const known = new Set(found.map(([name]) => name));
  return {
    missing: lacking.filter(({ name }) => !known.has(name)).map(({ name, resourceClaimTemplateName = "" }) => ({ podClaim: name, template: resourceClaimTemplateName })),
    found: Object.fromEntries(found),
    reserve: (pod.spec.nodeName ?? "") === "" ? [] : wanted.flatMap((podClaim) => unreserved(pod, podClaim, claimOf)),
  };
}

function lacks(pod: Pod, podClaim: PodResourceClaim, claimOf: (name: string) => ResourceClaim | undefined): boolean {
  const meant = meantBy(pod, podClaim);
  if (meant === "none") return false;
  const claim = meant && claimOf(meant.name);
  return claim === undefined || !isClaimFor(claim, pod);
}

function unreserved(pod: Pod, podClaim: PodResourceClaim, claimOf: (name: string) => ResourceClaim | undefined): ResourceClaim[] {
  const meant = meantBy(pod, podClaim);
  const claim = meant === undefined || meant === "none" ? undefined : claimOf(meant.name);
  if (claim?.status.allocation === undefined || (meant !== "none" && meant?.generated === true && !isClaimFor(claim, pod))) return [];
  return (claim.status.reservedFor?.length ?? 0) < mostConsumers && !isReservedFor(claim, pod) ? [claim] : [];
}

/** The claim that a pod asks for by a template; it goes with the pod. */
export function claimFrom({ spec: { metadata = {}, spec } }: ResourceClaimTemplate, pod: Pod, podClaim: string): ResourceClaim {
  return {
    metadata: {
      name: "", generateName: baseName(pod.metadata.name, podClaim), namespace: pod.metadata.namespace ?? "", ...(metadata.labels && { labels: metadata.labels }),
      annotations: { ...metadata.annotations, [podClaimAnnotation]: podClaim }, ownerReferences: [controllerRef(pod, pods)],
    },
    spec, status: {},
  };
}

/** Both names, shortened in proportion where they are too long together. */
function baseName(pod: string, podClaim: string): string {
  const whole = `${pod}-${podClaim}-`;
  if (whole.length <= longestBase) return whole;
  const short = (name: string): string => name.slice(0, Math.floor((name.length * longestBase) / whole.length));
  return `${short(pod)}-${short(podClaim)}`;
}
