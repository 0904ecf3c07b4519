import { isDeepStrictEqual } from "node:util";
import type { AllocationResult, DeviceRequest, ResourceClaim } from "#api/gen/resource-v1.ts";
import { selectsNode } from "#api/node-selector.ts";
import { isReservedFor } from "#api/resource-claim.ts";
import { keyOf } from "#apimachinery/meta.ts";
import type { ClaimBinder } from "../claim-binder.ts";
import { isOverdue, readinessOf } from "../claim-readiness.ts";
import type { ClusterChange } from "../cluster-events.ts";
import type { DeviceFinder } from "../device-finder.ts";
import type { Allocator } from "../dra/allocator.ts";
import { AttemptFailed, fits, rejectedForGood, skip, type Plugin, type Prepared, type Verdict } from "../framework.ts";
import type { NodeInfo } from "../node-info.ts";
import { podClaims } from "../pod-claims.ts";
import type { PodInfo } from "../pod-info.ts";
import type { ResourceClaims } from "../resource-claims.ts";

export interface DynamicResourcesDeps {
  readonly claims: ResourceClaims;
  readonly devices: DeviceFinder;
  readonly binder: ClaimBinder;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** What one cycle knows of a pod's claims. */
interface Wanted {
  /** As they stand; replaced by what the API server answers when they are bound. */
  readonly claims: ResourceClaim[];
  /** Which of them have no devices yet. */
  readonly open: readonly ResourceClaim[];
  readonly allocator: Allocator;
  /** For each node that can give them: what the open ones get there. */
  readonly found: Map<string, readonly AllocationResult[]>;
  /** Allocated ones that some node cannot serve. */
  readonly unavailable: Set<ResourceClaim>;
  /** By key: what was promised to the open ones. */
  readonly promised: Map<string, AllocationResult>;
}

/** Pods go where the devices are that their claims have or can get. Upstream: pkg/scheduler/framework/plugins/dynamicresources */
export function dynamicResources(deps: DynamicResourcesDeps): Plugin<Wanted, Wanted> {
  const { claims, binder } = deps;
  /** Of the pods that are being tried: the plugin is asked for more than it is told. */
  const known = new WeakMap<PodInfo, Wanted>();
  return {
    name: "DynamicResources",
    wakesOn: ["node/added", "node/labels", "node/allocatable", "resource-claim/changed", "resource-slice/changed", "device-class/changed", "pod/released"],
    hint: (pod, change) => helps(pod, change, claims),
    preEnqueue({ pod }) {
      const own = podClaims(pod, (key) => claims.get(key));
      return "problem" in own ? rejectedForGood(own.problem) : fits;
    },
    preFilter(pod) {
      const prepared = prepare(pod, deps);
      known.delete(pod);
      if ("state" in prepared) known.set(pod, prepared.state);
      return prepared;
    },
    filter: (_pod, node, wanted) => check(node, wanted, deps.now()),
    postFilter(pod) {
      const wanted = known.get(pod);
      if (wanted === undefined) return { message: "no new claims to deallocate" };
      const [idle] = [...wanted.unavailable].filter(({ status: { reservedFor = [] } }) => reservedFor.every(({ uid }) => uid === pod.uid));
      if (idle === undefined) return { message: "still not schedulable" };
      binder.deallocate(idle);
      return { message: "deallocation of ResourceClaim completed" };
    },
    weight: 2,
    best: "highest",
    preScore(pod) {
      const wanted = known.get(pod);
      return wanted?.open.some((claim) => requestsOf(claim).some(({ firstAvailable = [] }) => firstAvailable.length > 0)) === true ? wanted : skip;
    },
    score: (_pod, node, { open, found }) => open.reduce((sum, claim, i) => sum + preference(claim, found.get(node.name)?.[i]), 0),
    reserve(_pod, node, wanted) {
      for (const [i, claim] of wanted.open.entries()) {
        const allocation = wanted.found.get(node.name)?.[i];
        if (allocation === undefined) throw new Error("claim allocation not found for node");
        wanted.promised.set(keyOf(claim), allocation);
        claims.promise({ ...claim, status: { ...claim.status, allocation } });
      }
      return fits;
    },
    unreserve({ pod }, _node, wanted) {
      for (const key of wanted.promised.keys()) claims.takeBack(key);
      wanted.promised.clear();
      for (const claim of wanted.claims) if (claim.status.allocation !== undefined && isReservedFor(claim, pod)) binder.release(claim, pod);
    },
    async preBind({ pod }, node, wanted, signal) {
      for (const [i, claim] of wanted.claims.entries()) if (!isReservedFor(claim, pod)) wanted.claims[i] = await binder.bind(claim, wanted.promised.get(keyOf(claim)), pod, signal);
      await binder.untilReady(wanted.claims, pod, node, signal);
    },
  };
}

const requestsOf = ({ spec }: ResourceClaim): readonly DeviceRequest[] => spec.devices?.requests ?? [];

function prepare({ pod }: PodInfo, { claims, devices }: DynamicResourcesDeps): Prepared<Wanted> {
  const own = podClaims(pod, (key) => claims.get(key));
  if ("problem" in own) return { rejection: rejectedForGood(own.problem) };
  if (own.claims.length === 0) return skip;
  const open = own.claims.filter(({ status }) => status.allocation === undefined);
  for (const claim of open) {
    if (claims.isPromised(keyOf(claim))) return { rejection: rejectedForGood(`resource claim ${keyOf(claim)} is in the process of being allocated`) };
    const problem = classProblem(claim, devices);
    if (problem !== undefined) return { rejection: rejectedForGood(problem) };
  }
  return { state: { claims: [...own.claims], open, allocator: devices.allocator(claims.allocated), found: new Map(), unavailable: new Set(), promised: new Map() } };
}

function classProblem(claim: ResourceClaim, { classes }: DeviceFinder): string | undefined {
  for (const { name, exactly, firstAvailable = [] } of requestsOf(claim)) {
    const asked = exactly === undefined ? firstAvailable.map((sub) => ({ request: `${name}/${sub.name}`, ...sub })) : [{ request: name, ...exactly }];
    const missing = asked.find(({ deviceClassName }) => classes.get(deviceClassName) === undefined);
    if (missing !== undefined) return `request ${missing.request}: device class ${missing.deviceClassName} does not exist`;
  }
  return undefined;
}

/** Throws where a claim or its class is wrong: no node can help, and the attempt has failed. */
function check(node: NodeInfo, wanted: Wanted, now: number): Verdict {
  const unavailable = wanted.claims.filter((claim) => isUnavailable(claim, node, now));
  if (wanted.open.length > 0) {
    const allocation = wanted.allocator.allocate(wanted.open, node);
    if ("error" in allocation) throw new AttemptFailed(`running "DynamicResources" filter plugin: ${allocation.error}`);
    if ("rejected" in allocation) return rejectedForGood(allocation.rejected);
    wanted.found.set(node.name, allocation.results);
  }
  for (const claim of unavailable) wanted.unavailable.add(claim);
  return unavailable.length === 0 ? fits : rejectedForGood("resourceclaim not available on the node");
}

/** Whether an allocated claim cannot be used there, or at all: its devices failed to get ready, or take too long. */
function isUnavailable(claim: ResourceClaim, node: NodeInfo, now: number): boolean {
  const { allocation } = claim.status;
  if (allocation === undefined) return false;
  if (allocation.nodeSelector !== undefined && !selectsNode(allocation.nodeSelector, node)) return true;
  const readiness = readinessOf(claim);
  return typeof readiness === "object" || (readiness === "waiting" && isOverdue(claim, now));
}

/** The more, the more wanted the alternatives are that were chosen. Upstream: computeScore */
function preference(claim: ResourceClaim, allocation: AllocationResult | undefined): number {
  const chosen = new Set((allocation?.devices?.results ?? []).map(({ request }) => request));
  return requestsOf(claim).reduce((sum, { name, firstAvailable = [] }) => {
    const at = firstAvailable.findIndex((sub) => chosen.has(`${name}/${sub.name}`));
    return at < 0 ? sum : sum + mostAlternatives - at;
  }, 0);
}

/** Upstream: resource/v1 FirstAvailableDeviceRequestMaxSize */
const mostAlternatives = 8;

/** Upstream: isSchedulableAfterClaimChange */
function helps({ pod }: PodInfo, { event, old, object }: ClusterChange, claims: ResourceClaims): boolean {
  if (event === "pod/released") return ((object as PodInfo["pod"]).spec.resourceClaims ?? []).length > 0;
  if (event !== "resource-claim/changed") return true;
  const own = podClaims(pod, (key) => claims.get(key));
  if ("problem" in own) return false;
  const [before, now] = [old as ResourceClaim | undefined, object as ResourceClaim];
  if (before?.status.allocation !== undefined && now.status.allocation === undefined) return true;
  return own.claims.some(({ metadata }) => metadata.uid === now.metadata.uid) && (before === undefined || !isDeepStrictEqual(before.status, now.status));
}
