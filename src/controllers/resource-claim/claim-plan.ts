/** When a claim is free again, and when it goes. Pure. Upstream: pkg/controller/resourceclaim/controller.go syncClaim */
import type { Pod } from "#api/gen/core-v1.ts";
import type { ResourceClaim, ResourceClaimConsumerReference, ResourceClaimStatus } from "#api/gen/resource-v1.ts";
import { allocationFinalizer } from "#api/resource-claim.ts";
import { controllerOf } from "#apimachinery/meta.ts";
import { isDone } from "./done.ts";

export interface ClaimPlan {
  /** The status that it should have; undefined where it has it. */
  readonly status: ResourceClaimStatus | undefined;
  readonly dropFinalizer: boolean;
  /** Nobody uses it, and the pod that it was made for will not. */
  readonly remove: boolean;
}

/**
 * @param valid those it is reserved for that are still there
 * @param owner the pod in the cache by the name of the one that it was made for
 */
export function planForClaim(claim: ResourceClaim, valid: readonly ResourceClaimConsumerReference[], owner: Pod | undefined): ClaimPlan {
  const { reservedFor = [] } = claim.status;
  const isHeld = claim.metadata.finalizers?.includes(allocationFinalizer) === true;
  const isFreed = valid.length < reservedFor.length;
  const isGoing = isHeld && claim.metadata.deletionTimestamp !== undefined && valid.length === 0;
  const { reservedFor: _, allocation, devices, ...kept } = claim.status;
  const deallocates = isHeld && valid.length === 0;
  const status = { ...kept, ...(valid.length > 0 && { reservedFor: [...valid] }), ...(!deallocates && { ...(allocation && { allocation }), ...(devices && { devices }) }) };
  return {
    status: isFreed || (isGoing && allocation !== undefined) ? status : undefined,
    dropFinalizer: isHeld && ((isFreed && status.allocation === undefined) || isGoing),
    remove: valid.length === 0 && claim.metadata.deletionTimestamp === undefined && isForNobody(claim, owner),
  };
}

/** The pod may only not be known yet: one that is truly gone is the garbage collector's. */
function isForNobody(claim: ResourceClaim, owner: Pod | undefined): boolean {
  const reference = controllerOf(claim);
  return reference?.kind === "Pod" && reference.apiVersion === "v1" && owner !== undefined && (owner.metadata.uid !== reference.uid || isDone(owner));
}
