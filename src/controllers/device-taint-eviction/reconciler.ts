import type { Pod } from "#api/gen/core-v1.ts";
import type { DeviceRequestAllocationResult, DeviceTaint, ResourceClaim, ResourceSlice } from "#api/gen/resource-v1.ts";
import { resourceClaimKeysOf } from "#api/resource-claim.ts";
import { pods, resourceClaims, resourceSlices } from "#api/resources.ts";
import { keyOf } from "#apimachinery/meta.ts";
import type { Component } from "#base/component.ts";
import type { Informer } from "#client/lister.ts";
import { newController, source, type ControllerDeps } from "../runner.ts";
import { evictionReconciler } from "../taint-eviction/eviction.ts";
import { plan } from "./plan.ts";

type Place = Pick<DeviceRequestAllocationResult, "driver" | "pool">;
const poolOf = ({ driver, pool }: Place): string => `${driver}/${pool}`;

/** Deletes pods whose claims do not bear their devices' NoExecute taints, when their time is over. Key: the pod. Upstream: pkg/controller/devicetainteviction */
export function deviceTaintEvictionController(deps: ControllerDeps): Component {
  const podCache = deps.informers.for(pods), claims = deps.informers.for(resourceClaims), slices = deps.informers.for(resourceSlices);
  podCache.addIndex("resource-claim", resourceClaimKeysOf);
  slices.addIndex("pool", ({ spec }) => [poolOf({ driver: spec.driver, pool: spec.pool.name })]);
  claims.addIndex("pool", ({ status }) => [...new Set((status.allocation?.devices?.results ?? []).map(poolOf))]);
  const events = deps.events("device-taint-eviction-controller");
  const usersOf = (claim: ResourceClaim): string[] => podCache.by("resource-claim", keyOf(claim)).map(keyOf);
  return newController(deps, (client) => ({
    sources: [
      source(resourceSlices, slices, ({ spec }) => claims.by("pool", poolOf({ driver: spec.driver, pool: spec.pool.name })).flatMap(usersOf)),
      source(resourceClaims, claims, usersOf),
      source(pods, podCache, (pod) => (resourceClaimKeysOf(pod).length > 0 ? [keyOf(pod)] : [])),
    ],
    reconciler: evictionReconciler(deps, client, {
      name: "device-taint-eviction", pods: podCache, events, eventReason: "DeviceTaintManagerEviction",
      because: { reason: "DeletionByDeviceTaintManager", message: "Device Taint manager: deleting due to NoExecute taint" },
      plan: (pod, now, noticed) => plan(pod, claimsOf(pod, claims), (device) => taintsOf(device, slices), now, noticed),
    }),
  }));
}

const claimsOf = (pod: Pod, claims: Informer<ResourceClaim>): readonly ResourceClaim[] => resourceClaimKeysOf(pod).flatMap((key) => claims.get(key) ?? []);

/** As the newest generation of its pool says. */
function taintsOf(result: DeviceRequestAllocationResult, slices: Informer<ResourceSlice>): readonly DeviceTaint[] {
  const all = slices.by("pool", poolOf(result));
  const newest = Math.max(...all.map(({ spec }) => spec.pool.generation));
  return all.filter(({ spec }) => spec.pool.generation === newest).flatMap(({ spec }) => spec.devices ?? []).filter(({ name }) => name === result.device).flatMap(({ taints = [] }) => taints);
}
