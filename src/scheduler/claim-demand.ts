/** What one scheduling cycle finds out about the claims of a pod. Upstream: dynamicresources PreFilter, Filter, Score */
import type { ContainerExtendedResourceRequest } from "#api/gen/core-v1.ts";
import type { AllocationResult, DeviceRequest, ResourceClaim } from "#api/gen/resource-v1.ts";
import { selectsNode } from "#api/node-selector.ts";
import { mayBeDevices } from "#api/resource-names.ts";
import { keyOf } from "#apimachinery/meta.ts";
import { isOverdue, readinessOf } from "./claim-readiness.ts";
import type { DeviceFinder } from "./device-finder.ts";
import type { Allocator } from "./dra/allocator.ts";
import { extendedDemandOf, isExtendedClaimOf, type ExtendedDemand } from "./extended-resources.ts";
import { AttemptFailed, fits, rejectedForGood, skip, type Prepared, type Verdict } from "./framework.ts";
import type { NodeInfo } from "./node-info.ts";
import { podClaims } from "./pod-claims.ts";
import type { PodInfo } from "./pod-info.ts";
import type { ResourceClaims } from "./resource-claims.ts";

export interface DemandSources { readonly claims: ResourceClaims; readonly devices: DeviceFinder; /** Milliseconds since 1970. */ readonly now: () => number }

/** What a node can give. */
export interface Offer {
  /** Of the claims without devices, that of the extended resources last. */
  readonly claims: readonly ResourceClaim[];
  readonly allocation: { readonly results: readonly AllocationResult[] };
  readonly mappings: readonly ContainerExtendedResourceRequest[];
}

export class ClaimDemand {
  /** As they stand; replaced by what the API server answers when they are bound. */
  readonly claims: ResourceClaim[];
  readonly offers: Map<string, Offer> = new Map();
  /** Allocated ones that some node cannot serve. */
  readonly unavailable: Set<ResourceClaim> = new Set();
  /** The claim that was made for the pod's extended resources. */
  made: ResourceClaim | undefined;
  /** One from an attempt that failed: it must go first. */
  readonly stale: ResourceClaim | undefined;
  readonly #pod: PodInfo;
  readonly #sources: DemandSources;
  readonly #open: readonly ResourceClaim[];
  readonly #allocator: Allocator;
  /** By the names of the resources that devices must stand for. */
  readonly #extended = new Map<string, ExtendedDemand>();

  constructor(pod: PodInfo, claims: readonly ResourceClaim[], sources: DemandSources) {
    this.#pod = pod;
    this.#sources = sources;
    this.claims = [...claims];
    this.#open = claims.filter(({ status }) => status.allocation === undefined);
    this.#allocator = sources.devices.allocator(sources.claims.allocated);
    this.stale = resourcesOf(pod, sources.devices).length === 0 ? undefined : sources.claims.list(pod.namespace).find((claim) => isExtendedClaimOf(claim, pod.pod));
  }

  /** Whether one device is wanted more than another. */
  get hasChoice(): boolean {
    return this.#open.some((claim) => requestsOf(claim).some(({ firstAvailable = [] }) => firstAvailable.length > 0));
  }

  /** Throws AttemptFailed where a claim or its class is wrong: no node can help. */
  check(node: NodeInfo): Verdict {
    if (this.stale !== undefined) return rejectedForGood("cannot schedule extended resource claim");
    const unavailable = this.claims.filter((claim) => this.#isUnavailable(claim, node));
    const extended = this.#extendedFor(node);
    const open = [...this.#open, ...(extended ? [extended.claim] : [])];
    if (open.length > 0) {
      const allocation = this.#allocator.allocate(open, node);
      if ("error" in allocation) throw new AttemptFailed(`running "DynamicResources" filter plugin: ${allocation.error}`);
      if ("rejected" in allocation) return rejectedForGood(allocation.rejected);
      this.offers.set(node.name, { claims: open, allocation, mappings: extended?.mappings ?? [] });
    }
    for (const claim of unavailable) this.unavailable.add(claim);
    return unavailable.length === 0 ? fits : rejectedForGood("resourceclaim not available on the node");
  }

  /** The more, the more wanted the alternatives are that the node can give. Upstream: computeScore */
  preference(node: string): number {
    const { claims = [], allocation } = this.offers.get(node) ?? {};
    return claims.reduce((sum, claim, i) => sum + preferenceOf(claim, allocation?.results[i]), 0);
  }

  /** What the node does not have itself. */
  #extendedFor({ allocatable }: NodeInfo): ExtendedDemand | undefined {
    const missing = resourcesOf(this.#pod, this.#sources.devices).filter((name) => (allocatable.scalars.get(name) ?? 0) === 0);
    if (missing.length === 0) return undefined;
    const key = missing.join(" ");
    const demand = this.#extended.get(key) ?? extendedDemandOf(this.#pod.pod, missing, this.#sources.devices.byResource);
    this.#extended.set(key, demand);
    return demand;
  }

  /** Whether an allocated claim cannot be used there, or at all: its devices failed to get ready, or take too long. */
  #isUnavailable(claim: ResourceClaim, node: NodeInfo): boolean {
    const { allocation } = claim.status;
    if (allocation === undefined) return false;
    if (allocation.nodeSelector !== undefined && !selectsNode(allocation.nodeSelector, node)) return true;
    const readiness = readinessOf(claim);
    return typeof readiness === "object" || (readiness === "waiting" && isOverdue(claim, this.#sources.now()));
  }
}

/** Nothing where the pod needs no devices. */
export function demandOf(pod: PodInfo, sources: DemandSources): Prepared<ClaimDemand> {
  const { claims, devices } = sources;
  const own = podClaims(pod.pod, (key) => claims.get(key));
  if ("problem" in own) return { rejection: rejectedForGood(own.problem) };
  if (own.claims.length === 0 && resourcesOf(pod, devices).length === 0) return skip;
  for (const claim of own.claims.filter(({ status }) => status.allocation === undefined)) {
    if (claims.isPromised(keyOf(claim))) return { rejection: rejectedForGood(`resource claim ${keyOf(claim)} is in the process of being allocated`) };
    const problem = classProblem(claim, devices);
    if (problem !== undefined) return { rejection: rejectedForGood(problem) };
  }
  return { state: new ClaimDemand(pod, own.claims, sources) };
}

/** The pod's resources that devices may stand for. */
const resourcesOf = ({ requests }: PodInfo, devices: DeviceFinder): readonly string[] =>
  requests.scalars.size === 0 ? [] : [...requests.scalars].flatMap(([name, amount]) => (amount > 0 && mayBeDevices(name) && devices.byResource.has(name) ? [name] : []));

const requestsOf = ({ spec }: ResourceClaim): readonly DeviceRequest[] => spec.devices?.requests ?? [];

function classProblem(claim: ResourceClaim, { classes }: DeviceFinder): string | undefined {
  for (const { name, exactly, firstAvailable = [] } of requestsOf(claim)) {
    const asked = exactly === undefined ? firstAvailable.map((sub) => ({ request: `${name}/${sub.name}`, ...sub })) : [{ request: name, ...exactly }];
    const missing = asked.find(({ deviceClassName }) => classes.get(deviceClassName) === undefined);
    if (missing !== undefined) return `request ${missing.request}: device class ${missing.deviceClassName} does not exist`;
  }
  return undefined;
}

/** Upstream: resource/v1 FirstAvailableDeviceRequestMaxSize */
const mostAlternatives = 8;

function preferenceOf(claim: ResourceClaim, allocation: AllocationResult | undefined): number {
  const chosen = new Set((allocation?.devices?.results ?? []).map(({ request }) => request));
  return requestsOf(claim).reduce((sum, { name, firstAvailable = [] }) => {
    const at = firstAvailable.findIndex((sub) => chosen.has(`${name}/${sub.name}`));
    return at < 0 ? sum : sum + mostAlternatives - at;
  }, 0);
}
