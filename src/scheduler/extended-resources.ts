/** Resources that a node does not have itself, but that devices of a class stand for. Pure. Upstream: dynamicresources extendeddynamicresources.go, extended/cache.go */
import type { Container, ContainerExtendedResourceRequest, Pod } from "#api/gen/core-v1.ts";
import type { DeviceClass, DeviceRequest, ResourceClaim } from "#api/gen/resource-v1.ts";
import { isRestartableInit } from "#api/pod-resources.ts";
import { resourceOfClass } from "#api/resource-names.ts";
import { controllerOf } from "#apimachinery/meta.ts";
import { Quantity } from "#apimachinery/quantity.ts";

/** Upstream: resource/v1 ExtendedResourceClaimAnnotation */
const annotation = "resource.kubernetes.io/extended-resource-claim";
/** No claim can be called this: it is not there yet. */
const unwritten = "<extended-resources>";

/** A resource's name → the class whose devices stand for it: of several the newest, of those the first by name. */
export function classesByResource(classes: readonly DeviceClass[]): ReadonlyMap<string, DeviceClass> {
  const oldestFirst = classes.toSorted((a, b) => compare(a.metadata.creationTimestamp, b.metadata.creationTimestamp) || compare(b.metadata.name, a.metadata.name));
  return new Map([
    ...classes.map((one) => [resourceOfClass(one.metadata.name), one] as const),
    ...oldestFirst.flatMap((one) => (one.spec.extendedResourceName ? [[one.spec.extendedResourceName, one] as const] : [])),
  ]);
}

const compare = (a = "", b = ""): number => (a < b ? -1 : Number(a > b));

/** Whether a claim was made for a pod's extended resources, in this cycle or in an earlier one. */
export const isExtendedClaimOf = ({ metadata }: ResourceClaim, pod: Pod): boolean => metadata.annotations?.[annotation] === "true" && controllerOf({ metadata })?.uid === pod.metadata.uid;
/** Whether the API server does not know it. */
export const isUnwritten = ({ metadata }: ResourceClaim): boolean => metadata.name.startsWith(unwritten);

export interface ExtendedDemand {
  readonly claim: ResourceClaim;
  /** Which container gets what of it, as the pod's status says. */
  readonly mappings: readonly ContainerExtendedResourceRequest[];
}

/** A claim for these resources of the pod's. It is not written unless the pod is bound. */
export function extendedDemandOf(pod: Pod, resources: readonly string[], classes: ReadonlyMap<string, DeviceClass>): ExtendedDemand {
  const parts = resources.toSorted().map((resource) => partOf(pod, resource, classes.get(resource)?.metadata.name ?? ""));
  const { name, namespace = "", uid = "" } = pod.metadata;
  return {
    claim: {
      metadata: {
        name: `${unwritten} ${uid}`, namespace, uid: `${unwritten} ${uid}`, generateName: `${name}-extended-resources-`, annotations: { [annotation]: "true" },
        ownerReferences: [{ apiVersion: "v1", kind: "Pod", name, uid, controller: true }],
      },
      spec: { devices: { requests: parts.flatMap(({ requests }) => requests).sort((a, b) => compare(a.name, b.name)) } }, status: {},
    },
    mappings: parts.flatMap(({ mappings }) => mappings),
  };
}

interface Part { readonly requests: readonly DeviceRequest[]; readonly mappings: readonly ContainerExtendedResourceRequest[] }
interface Share { readonly request: DeviceRequest | undefined; readonly names: readonly string[] }

/**
 * What one resource comes to. Init containers run before the others and one by one: they use what later containers
 * have, and of what they need beyond that the largest share does for all. Upstream: createRequestsAndMappings
 */
function partOf({ spec }: Pod, resource: string, deviceClassName: string): Part {
  const containers = [...(spec.initContainers ?? []), ...spec.containers];
  const isBrief = (i: number): boolean => i < (spec.initContainers?.length ?? 0) && !isRestartableInit(containers[i] as Container);
  const places = containers.map((container, i) => ({ container, i }));
  const lasting = new Map(places.filter(({ i }) => !isBrief(i)).map(({ container, i }) => [i, shareOf(container, i, resource, deviceClassName, [])]));
  const brief = new Map(places.filter(({ i }) => isBrief(i)).map(({ container, i }) => [i, shareOf(container, i, resource, deviceClassName, [...lasting].flatMap(([j, { request }]) => (j >= i && request ? [request] : [])))]));
  const own = [...brief.values()].flatMap(({ request }) => request ?? []);
  const largest = own.reduce<DeviceRequest | undefined>((most, one) => (most === undefined || countOf(one) > countOf(most) ? one : most), undefined);
  const renamed = new Map(own.map(({ name }) => [name, largest?.name ?? name]));
  const mappings = [...lasting, ...brief].flatMap(([i, { names }]) => names.map((name) => ({ containerName: containers[i]?.name ?? "", resourceName: resource, requestName: renamed.get(name) ?? name })));
  return { requests: [...(largest ? [largest] : []), ...[...lasting.values()].flatMap(({ request }) => request ?? [])], mappings };
}

const countOf = ({ exactly }: DeviceRequest): number => exactly?.count ?? 0;

/** Upstream: createResourceRequestAndMappings */
function shareOf({ resources }: Container, index: number, resource: string, deviceClassName: string, reusable: readonly DeviceRequest[]): Share {
  const { requests = {} } = resources ?? {};
  const wanted = Quantity.parse(requests[resource] ?? "0").value;
  const names: string[] = [];
  let had = 0;
  for (const request of reusable) {
    if (had >= wanted) break;
    had += countOf(request);
    names.push(request.name);
  }
  if (had >= wanted) return { request: undefined, names };
  const name = `container-${index}-request-${Object.keys(requests).toSorted().indexOf(resource)}`;
  return { request: { name, exactly: { deviceClassName, allocationMode: "ExactCount", count: wanted - had } }, names: [...names, name] };
}
