/** Whether the devices of an allocated claim are ready for a pod to be bound. Pure. Upstream: dynamicresources isClaimReadyForBinding, isClaimTimeout */
import { getCondition } from "#api/conditions.ts";
import type { DeviceRequestAllocationResult, ResourceClaim } from "#api/gen/resource-v1.ts";
import { idOf } from "./dra/candidate.ts";

/** Upstream: BindingTimeoutDefaultSeconds */
export const bindingTimeoutMs = 600_000;

/** `failed`: they will not be, and why. */
export type Readiness = "ready" | "waiting" | { readonly failed: string };

const waitingOnes = ({ status }: ResourceClaim): readonly DeviceRequestAllocationResult[] => (status.allocation?.devices?.results ?? []).filter(({ bindingConditions }) => (bindingConditions ?? []).length > 0);

/** Whether any device must say that it is ready. */
export const waitsForDevices = (claim: ResourceClaim): boolean => waitingOnes(claim).length > 0;

export function readinessOf(claim: ResourceClaim): Readiness {
  for (const result of waitingOnes(claim)) {
    const conditions = claim.status.devices?.find((device) => idOf(device) === idOf(result))?.conditions;
    const failed = (result.bindingFailureConditions ?? []).map((type) => getCondition(conditions, type)).find((condition) => condition?.status === "True");
    if (failed !== undefined) return { failed: `claim ${claim.metadata.name} binding failed: reason=${failed.reason ?? ""}, message=${JSON.stringify(failed.message ?? "")}` };
    if (result.bindingConditions?.some((type) => getCondition(conditions, type)?.status !== "True") === true) return "waiting";
  }
  return "ready";
}

/** Whether it has waited too long. */
export function isOverdue(claim: ResourceClaim, now: number): boolean {
  const since = claim.status.allocation?.allocationTimestamp;
  return since !== undefined && waitsForDevices(claim) && Date.parse(since) + bindingTimeoutMs < now;
}
