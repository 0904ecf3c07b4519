/** The Endpoints of a Service. Upstream: pkg/controller/endpoint/endpoints_controller.go syncService */
import type { EndpointAddress, EndpointPort, Endpoints, Pod, Service, ServicePort } from "#api/gen/core-v1.ts";
import { isPodReady } from "#api/pod.ts";
import { semanticEqual } from "#apimachinery/equal.ts";
import { addressesOf, familiesOf, hasPlace, headlessLabel, hostnameOf, isHeadless, targetPort, triggerTimeAnnotation } from "../service-pods.ts";
import { repack, truncate, type Place } from "./subsets.ts";

export const managedByLabel = "endpoints.kubernetes.io/managed-by";
const overCapacity = "endpoints.kubernetes.io/over-capacity";

/** What must be written; undefined when all is said already. @param triggered when that happened that is followed here */
export function plan(service: Service, pods: readonly Pod[], current: Endpoints | undefined, triggered: string | undefined): Endpoints | undefined {
  const { subsets, truncated } = truncate(repack(pods.flatMap((pod) => placesOf(service, pod))));
  const labels = { ...service.metadata.labels, [managedByLabel]: "endpoint-controller", ...(isHeadless(service) && { [headlessLabel]: "" }) };
  if (current !== undefined && semanticEqual(current.subsets, subsets) && semanticEqual(current.metadata.labels, labels) && (current.metadata.annotations?.[overCapacity] !== undefined) === truncated) return undefined;
  const { [triggerTimeAnnotation]: _t, [overCapacity]: _o, ...others } = current?.metadata.annotations ?? {};
  const annotations = { ...others, ...(triggered !== undefined && { [triggerTimeAnnotation]: triggered }), ...(truncated && { [overCapacity]: "truncated" }) };
  const { name, namespace } = service.metadata;
  return { metadata: { ...(current?.metadata ?? { name, namespace: namespace ?? "" }), labels, annotations }, subsets: [...subsets] };
}

function placesOf(service: Service, pod: Pod): Place[] {
  const early = service.spec.publishNotReadyAddresses === true;
  const address = hasPlace(pod, early) ? addressOf(service, pod) : undefined;
  if (address === undefined) return [];
  const ready = early || isPodReady(pod);
  const ports = service.spec.ports ?? [];
  if (ports.length === 0) return isHeadless(service) ? [{ address, ready, port: undefined }] : [];
  return ports.flatMap((port) => {
    const target = targetPort(pod, port);
    return target === undefined ? [] : [{ address, ready, port: portOf(port, target) }];
  });
}

const portOf = ({ name, protocol = "TCP", appProtocol }: ServicePort, port: number): EndpointPort =>
  ({ ...(name && { name }), port, protocol, ...(appProtocol !== undefined && { appProtocol }) });

/** Only of the Service's first family: an Endpoints object has one. */
function addressOf(service: Service, pod: Pod): EndpointAddress | undefined {
  const [ip] = addressesOf(pod, familiesOf(service)[0]);
  const hostname = hostnameOf(pod, service);
  const { name, namespace = "", uid = "" } = pod.metadata;
  return ip === undefined ? undefined : { ip, ...(hostname && { hostname }), ...(pod.spec.nodeName && { nodeName: pod.spec.nodeName }), targetRef: { kind: "Pod", namespace, name, uid } };
}
