/** Upstream: pkg/quota/v1/evaluator/core/resource_claims.go */
import type { DeviceRequest, DeviceSubRequest, ExactDeviceRequest, ResourceClaim } from "../gen/resource-v1.ts";
import { Quantity } from "#apimachinery/quantity.ts";
import type { Evaluator } from "./evaluator.ts";

const count = "count/resourceclaims.resource.k8s.io";
const classSuffix = ".deviceclass.resource.k8s.io/devices";
/** What a request for all devices may get. Upstream: AllocationResultsMaxSize */
const mostDevices = 32;

export const resourceClaimEvaluator: Evaluator<ResourceClaim> = {
  resource: { group: "resource.k8s.io", resource: "resourceclaims" },
  counts: (name) => name === count || name.endsWith(classSuffix),
  usage({ spec }) {
    const devices = new Map<string, number>();
    for (const request of spec.devices?.requests ?? []) for (const [name, amount] of ofRequest(request)) devices.set(name, (devices.get(name) ?? 0) + amount);
    return { [count]: Quantity.of(1), ...Object.fromEntries([...devices].map(([name, amount]) => [`${name}${classSuffix}`, Quantity.of(amount)])) };
  },
  inScope: () => false,
};

/** Of alternatives, the most that one of them takes of a class. */
function ofRequest({ exactly, firstAvailable = [] }: DeviceRequest): ReadonlyMap<string, number> {
  const most = new Map<string, number>();
  for (const asked of [...(exactly === undefined ? [] : [exactly]), ...firstAvailable]) most.set(asked.deviceClassName, Math.max(most.get(asked.deviceClassName) ?? 0, devicesOf(asked)));
  return most;
}

const devicesOf = ({ allocationMode, count: asked }: ExactDeviceRequest | DeviceSubRequest): number => (allocationMode === "All" ? mostDevices : (asked ?? 1));
