/** The EndpointSlices of a Service. Upstream: staging/src/k8s.io/endpointslice/reconciler.go */
import type { Node, Pod, Service } from "#api/gen/core-v1.ts";
import type { Endpoint, EndpointPort, EndpointSlice } from "#api/gen/discovery-v1.ts";
import { isPodReady } from "#api/pod.ts";
import { services } from "#api/resources.ts";
import { semanticEqual } from "#apimachinery/equal.ts";
import { controllerRef } from "../owner.ts";
import { addressesOf, familiesOf, hasPlace, headlessLabel, hostnameOf, isHeadless, namePrefix, targetPort, triggerTimeAnnotation, type Family } from "../service-pods.ts";
import { groupKey, pack, type Group } from "./pack.ts";

export const managedByLabel = "endpointslice.kubernetes.io/managed-by";
export const serviceNameLabel = "kubernetes.io/service-name";
export const managerName = "endpointslice-controller.k8s.io";
const mostEndpoints = 100;
const zoneLabel = "topology.kubernetes.io/zone";

export interface SlicePlan { readonly create: readonly EndpointSlice[]; readonly update: readonly EndpointSlice[]; readonly remove: readonly EndpointSlice[] }

/** @param existing slices that this controller made for a Service of this name; @param triggered when that happened that is followed here */
export function plan(service: Service, pods: readonly Pod[], existing: readonly EndpointSlice[], node: (name: string) => Node | undefined, triggered: string | undefined): SlicePlan {
  const families = familiesOf(service);
  const labels = labelsOf(service);
  const isOurs = (slice: EndpointSlice): boolean => slice.metadata.ownerReferences?.some(({ uid }) => uid === service.metadata.uid) === true && families.some((family) => family === slice.addressType);
  const { create, update, remove } = pack(existing.filter(isOurs), families.flatMap((family) => groupsOf(service, pods, family, node)), mostEndpoints, ({ metadata }) => !semanticEqual(metadata.labels, labels));
  const stamp = triggered === undefined ? {} : { [triggerTimeAnnotation]: triggered };
  const { name, namespace = "" } = service.metadata;
  return {
    create: create.map(({ addressType, ports, endpoints }) => ({
      metadata: { name: "", generateName: namePrefix(name), namespace, labels, annotations: stamp, ownerReferences: [controllerRef(service, services)] },
      addressType, endpoints: [...endpoints], ports: [...ports],
    })),
    update: update.map(({ slice, ports, endpoints }) => {
      const { [triggerTimeAnnotation]: _, ...annotations } = slice.metadata.annotations ?? {};
      return { ...slice, metadata: { ...slice.metadata, labels, annotations: { ...annotations, ...stamp } }, endpoints: [...endpoints], ports: [...ports] };
    }),
    remove: [...remove, ...existing.filter((slice) => !isOurs(slice))],
  };
}

/** A Pod whose Node is not there (yet) is left out, unless addresses shall be published early. */
export const lacksNode = (service: Service, pod: Pod, node: (name: string) => Node | undefined): boolean =>
  service.spec.publishNotReadyAddresses !== true && node(pod.spec.nodeName ?? "") === undefined;

/** By ports; a Service without endpoints has one empty slice of each family. */
function groupsOf(service: Service, pods: readonly Pod[], addressType: Family, node: (name: string) => Node | undefined): Group[] {
  const listed = pods.filter((pod) => hasPlace(pod, true) && addressesOf(pod, addressType).length > 0 && !lacksNode(service, pod, node));
  if (listed.length === 0) return [{ addressType, ports: [], endpoints: [] }];
  const byPorts = Map.groupBy(listed, (pod) => groupKey(addressType, portsOf(service, pod)));
  return [...byPorts.values()].flatMap((list) => list.slice(0, 1).map((first): Group => ({
    addressType, ports: portsOf(service, first), endpoints: list.map((pod) => endpointOf(service, pod, addressType, node)),
  })));
}

const portsOf = (service: Service, pod: Pod): EndpointPort[] => (service.spec.ports ?? []).flatMap((wanted) => {
  const { name = "", protocol = "TCP", appProtocol } = wanted;
  const port = targetPort(pod, wanted);
  return port === undefined ? [] : [{ name, protocol, port, ...(appProtocol !== undefined && { appProtocol }) }];
});

/** Upstream: podToEndpoint */
function endpointOf(service: Service, pod: Pod, family: Family, node: (name: string) => Node | undefined): Endpoint {
  const { name, namespace = "", uid = "", deletionTimestamp } = pod.metadata;
  const { nodeName } = pod.spec;
  const serving = isPodReady(pod);
  const terminating = deletionTimestamp !== undefined;
  const hostname = hostnameOf(pod, service);
  const zone = node(nodeName ?? "")?.metadata.labels?.[zoneLabel];
  return {
    addresses: [...addressesOf(pod, family)],
    conditions: { ready: service.spec.publishNotReadyAddresses === true || (serving && !terminating), serving, terminating },
    ...(hostname && { hostname }), targetRef: { kind: "Pod", namespace, name, uid }, ...(nodeName && { nodeName }), ...(zone && { zone }),
  };
}

/** The Service's own labels, and those by which slices are found. Upstream: setEndpointSliceLabels */
function labelsOf(service: Service): Record<string, string> {
  const { [headlessLabel]: _, ...labels } = service.metadata.labels ?? {};
  return { ...labels, ...(isHeadless(service) && { [headlessLabel]: "" }), [serviceNameLabel]: service.metadata.name, [managedByLabel]: managerName };
}
