import { isDeepStrictEqual } from "node:util";
import type { Pod } from "#api/gen/core-v1.ts";
import type { AllocationResult, ResourceClaim } from "#api/gen/resource-v1.ts";
import { isReservedFor } from "#api/resource-claim.ts";
import { mayBeDevices } from "#api/resource-names.ts";
import { keyOf } from "#apimachinery/meta.ts";
import type { ClaimBinder } from "../claim-binder.ts";
import { demandOf, type ClaimDemand, type DemandSources } from "../claim-demand.ts";
import type { ClusterChange } from "../cluster-events.ts";
import { isUnwritten } from "../extended-resources.ts";
import { fits, rejectedForGood, skip, type Plugin } from "../framework.ts";
import { podClaims } from "../pod-claims.ts";
import type { PodInfo } from "../pod-info.ts";
import type { ResourceClaims } from "../resource-claims.ts";

export interface DynamicResourcesDeps extends DemandSources { readonly binder: ClaimBinder }

/** Pods go where the devices are that their claims have or can get. Upstream: pkg/scheduler/framework/plugins/dynamicresources */
export function dynamicResources(deps: DynamicResourcesDeps): Plugin<ClaimDemand, ClaimDemand> {
  const { claims, binder } = deps;
  /** Of the pods that are being tried: the plugin is asked for more than it is told. */
  const known = new WeakMap<PodInfo, ClaimDemand>();
  return {
    name: "DynamicResources",
    wakesOn: ["node/added", "node/labels", "node/allocatable", "resource-claim/changed", "resource-slice/changed", "device-class/changed", "pod/released"],
    hint: (pod, change) => helps(pod, change, claims),
    preEnqueue({ pod }) {
      const own = podClaims(pod, (key) => claims.get(key));
      return "problem" in own ? rejectedForGood(own.problem) : fits;
    },
    preFilter(pod) {
      const prepared = demandOf(pod, deps);
      known.delete(pod);
      if ("state" in prepared) known.set(pod, prepared.state);
      return prepared;
    },
    filter: (_pod, node, demand) => demand.check(node),
    postFilter(pod) {
      const demand = known.get(pod);
      if (demand === undefined) return { message: "no new claims to deallocate" };
      const idle = [...demand.unavailable].find(({ status: { reservedFor = [] } }) => reservedFor.every(({ uid }) => uid === pod.uid));
      if (idle !== undefined) binder.deallocate(idle);
      else if (demand.stale !== undefined) binder.remove(demand.stale);
      return { message: idle !== undefined ? "deallocation of ResourceClaim completed" : demand.stale !== undefined ? "deletion of ResourceClaim completed" : "still not schedulable" };
    },
    weight: 2,
    best: "highest",
    preScore(pod) {
      const demand = known.get(pod);
      return demand?.hasChoice === true ? demand : skip;
    },
    score: (_pod, node, demand) => demand.preference(node.name),
    reserve(_pod, node, demand) {
      for (const [claim, allocation] of given(demand, node.name)) claims.promise({ ...claim, status: { ...claim.status, allocation } });
      return fits;
    },
    unreserve({ pod }, node, demand) {
      for (const [claim] of given(demand, node)) claims.takeBack(keyOf(claim));
      for (const claim of demand.claims) if (claim.status.allocation !== undefined && isReservedFor(claim, pod)) binder.release(claim, pod);
      if (demand.made !== undefined) binder.remove(demand.made);
    },
    async preBind({ pod }, node, demand, signal) {
      const chosen = new Map(given(demand, node).map(([claim, allocation]) => [keyOf(claim), allocation]));
      for (const [i, claim] of demand.claims.entries()) if (!isReservedFor(claim, pod)) demand.claims[i] = await binder.bind(claim, chosen.get(keyOf(claim)), pod, signal);
      for (const [draft, allocation] of given(demand, node)) {
        if (!isUnwritten(draft)) continue;
        demand.made = await binder.create(draft, signal);
        demand.made = await binder.bind(demand.made, allocation, pod, signal);
        claims.takeBack(keyOf(draft));
        await binder.tell(pod, demand.made, demand.offers.get(node)?.mappings ?? [], signal);
      }
      await binder.untilReady([...demand.claims, ...(demand.made ? [demand.made] : [])], pod, node, signal);
    },
  };
}

/** What the claims without devices get on the node. */
const given = ({ offers }: ClaimDemand, node: string): (readonly [ResourceClaim, AllocationResult])[] =>
  (offers.get(node)?.claims ?? []).flatMap((claim, i) => {
    const allocation = offers.get(node)?.allocation.results[i];
    return allocation === undefined ? [] : [[claim, allocation] as const];
  });

/** Upstream: isSchedulableAfterClaimChange */
function helps({ pod }: PodInfo, { event, old, object }: ClusterChange, claims: ResourceClaims): boolean {
  if (event === "pod/released") return hadDevices(object as Pod);
  if (event !== "resource-claim/changed") return true;
  const own = podClaims(pod, (key) => claims.get(key));
  if ("problem" in own) return false;
  const [before, now] = [old as ResourceClaim | undefined, object as ResourceClaim];
  if (before?.status.allocation !== undefined && now.status.allocation === undefined) return true;
  return own.claims.some(({ metadata }) => metadata.uid === now.metadata.uid) && (before === undefined || !isDeepStrictEqual(before.status, now.status));
}

const hadDevices = ({ spec }: Pod): boolean => (spec.resourceClaims ?? []).length > 0 || spec.containers.some(({ resources }) => Object.keys(resources?.requests ?? {}).some(mayBeDevices));
