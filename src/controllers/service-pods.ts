/** What a Service sees of its Pods: the rules that Endpoints and EndpointSlices share. Upstream: endpointslice/util, endpointslice/utils.go */
import { isIPv6 } from "node:net";
import type { Pod, Service, ServicePort } from "#api/gen/core-v1.ts";
import { findPort, isTerminal } from "#api/pod.ts";
import { keyOf } from "#apimachinery/meta.ts";
import { selectorOfLabels } from "#apimachinery/selectors.ts";
import type { Lister } from "#client/lister.ts";

export type Family = "IPv4" | "IPv6";

export const triggerTimeAnnotation = "endpoints.kubernetes.io/last-change-trigger-time";
export const headlessLabel = "service.kubernetes.io/headless";

/** Services whose Pods are found by labels; the others' endpoints are written by somebody else. */
export const hasSelector = ({ spec }: Service): boolean => spec.type !== "ExternalName" && Object.keys(spec.selector ?? {}).length > 0;
export const isHeadless = ({ spec }: Service): boolean => spec.clusterIP === "None" || (spec.clusterIP ?? "") === "";

/** Upstream: getAddressTypesForService */
export function familiesOf({ spec }: Service): readonly Family[] {
  const families = (spec.ipFamilies ?? []).filter((family) => family !== "");
  return families.length > 0 ? families : [isIPv6(spec.clusterIP ?? "") ? "IPv6" : "IPv4"];
}

/** A Pod has an address and has not ended. Upstream: ShouldPodBeInEndpoints */
export const hasPlace = (pod: Pod, withTerminating: boolean): boolean =>
  addressesOf(pod).length > 0 && !isTerminal(pod) && (withTerminating || pod.metadata.deletionTimestamp === undefined);

/** The Pod's addresses, of one family or of both. */
export function addressesOf({ status }: Pod, family?: Family): readonly string[] {
  const all = status.podIPs?.length ? status.podIPs.map(({ ip }) => ip) : status.podIP ? [status.podIP] : [];
  return family === undefined ? all : all.filter((ip) => isIPv6(ip) === (family === "IPv6"));
}

/** Where the port leads in this Pod; undefined where the Pod has no port of that name. Upstream: FindPort */
export function targetPort({ spec }: Pod, { port, targetPort: target = port, protocol = "TCP" }: ServicePort): number | undefined {
  if (typeof target === "number") return target === 0 ? port : target;
  return findPort(spec, target, protocol);
}

/** The Pod's own name under a headless Service that is its subdomain. Upstream: ShouldSetHostname */
export const hostnameOf = ({ metadata, spec }: Pod, service: Service): string | undefined =>
  spec.hostname && spec.subdomain === service.metadata.name && metadata.namespace === service.metadata.namespace ? spec.hostname : undefined;

/** The Pods that a Service selects. */
export const podsOf = (service: Service, pods: Lister<Pod>): readonly Pod[] => {
  const selector = selectorOfLabels(service.spec.selector ?? {});
  return pods.list(service.metadata.namespace).filter(({ metadata }) => selector.matches(metadata.labels));
};

/** Keys of the Services that select a Pod. */
export const servicesOf = ({ metadata }: Pod, services: Lister<Service>): string[] =>
  services.list(metadata.namespace).filter((service) => hasSelector(service) && selectorOfLabels(service.spec.selector ?? {}).matches(metadata.labels)).map(keyOf);

/** The start of a generated name. Upstream: getEndpointSlicePrefix */
export const namePrefix = (name: string): string => (name.length < 253 ? `${name}-` : name);
