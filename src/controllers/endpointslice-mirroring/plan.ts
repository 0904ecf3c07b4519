/** Slices of Endpoints that somebody wrote by hand. Upstream: pkg/controller/endpointslicemirroring */
import { isIP, isIPv6 } from "node:net";
import type { EndpointAddress, EndpointPort as LegacyPort, Endpoints, EndpointSubset, Service } from "#api/gen/core-v1.ts";
import type { Endpoint, EndpointPort, EndpointSlice } from "#api/gen/discovery-v1.ts";
import { endpoints as endpointsRef } from "#api/resources.ts";
import { semanticEqual } from "#apimachinery/equal.ts";
import { groupKey, pack, type Group } from "../endpointslice/pack.ts";
import { managedByLabel, serviceNameLabel, type SlicePlan } from "../endpointslice/plan.ts";
import { controllerRef } from "../owner.ts";
import { namePrefix, triggerTimeAnnotation } from "../service-pods.ts";

export const mirrorName = "endpointslicemirroring-controller.k8s.io";
const mostAddresses = 1000;
const leaderAnnotation = "control-plane.alpha.kubernetes.io/leader";
const lastAppliedAnnotation = "kubectl.kubernetes.io/last-applied-configuration";

export interface MirrorPlan extends SlicePlan {
  /** Addresses that are none. */
  readonly invalid: number;
  /** Addresses left out, the invalid ones among them. */
  readonly skipped: number;
}

/** Endpoints of a Service without a selector, which nobody has taken out. */
export const isMirrored = ({ metadata }: Endpoints, service: Service | undefined): boolean =>
  service !== undefined && Object.keys(service.spec.selector ?? {}).length === 0 && metadata.labels?.["endpointslice.kubernetes.io/skip-mirror"] !== "true" && metadata.annotations?.[leaderAnnotation] === undefined;

/** @param existing slices that this controller made for Endpoints of this name */
export function plan(endpoints: Endpoints, existing: readonly EndpointSlice[]): MirrorPlan {
  const { name, namespace = "" } = endpoints.metadata;
  const labels = { ...endpoints.metadata.labels, [serviceNameLabel]: name, [managedByLabel]: mirrorName };
  const { [triggerTimeAnnotation]: _t, [lastAppliedAnnotation]: _a, ...annotations } = endpoints.metadata.annotations ?? {};
  const { groups, invalid, skipped } = groupsOf(endpoints.subsets ?? []);
  const isStale = ({ metadata }: EndpointSlice): boolean => !semanticEqual(metadata.labels, labels) || !semanticEqual(metadata.annotations, annotations);
  const { create, update, remove } = pack(existing, groups, mostAddresses, isStale);
  const ownerReferences = [controllerRef(endpoints, endpointsRef)];
  return {
    create: create.map(({ addressType, ports, endpoints: list }) => ({
      metadata: { name: "", generateName: namePrefix(name), namespace, labels, annotations, ownerReferences }, addressType, endpoints: [...list], ports: [...ports],
    })),
    update: update.map(({ slice, ports, endpoints: list }) => ({ ...slice, metadata: { ...slice.metadata, labels, annotations, ownerReferences }, endpoints: [...list], ports: [...ports] })),
    remove, invalid, skipped,
  };
}

/** One group of each family and set of ports; a subset gives at most a thousand addresses. */
function groupsOf(subsets: readonly EndpointSubset[]): { readonly groups: readonly Group[]; readonly invalid: number; readonly skipped: number } {
  const groups = new Map<string, Group & { readonly endpoints: Endpoint[] }>();
  let invalid = 0;
  let skipped = 0;
  for (const { addresses = [], notReadyAddresses = [], ports = [] } of subsets) {
    const all = [...addresses.map((address) => ({ address, ready: true })), ...notReadyAddresses.map((address) => ({ address, ready: false }))];
    const valid = all.filter(({ address }) => isIP(address.ip) !== 0);
    invalid += all.length - valid.length;
    skipped += all.length - Math.min(valid.length, mostAddresses);
    for (const { address, ready } of valid.slice(0, mostAddresses)) {
      const addressType = isIPv6(address.ip) ? "IPv6" : "IPv4";
      const key = groupKey(addressType, ports.map(portOf));
      const group = groups.get(key) ?? { addressType, ports: ports.map(portOf), endpoints: [] };
      group.endpoints.push(endpointOf(address, ready));
      groups.set(key, group);
    }
  }
  return { groups: [...groups.values()], invalid, skipped };
}

const portOf = ({ name = "", port, protocol = "TCP", appProtocol }: LegacyPort): EndpointPort => ({ name, port, protocol, ...(appProtocol !== undefined && { appProtocol }) });

const endpointOf = ({ ip, hostname, nodeName, targetRef }: EndpointAddress, ready: boolean): Endpoint =>
  ({ addresses: [ip], conditions: { ready }, ...(hostname && { hostname }), ...(targetRef && { targetRef }), ...(nodeName && { nodeName }) });
