/** Endpoints over slices, with the fewest writes. Upstream: endpointslice/reconciler.go reconcileByPortMapping, finalize */
import type { Endpoint, EndpointPort, EndpointSlice } from "#api/gen/discovery-v1.ts";
import { semanticEqual } from "#apimachinery/equal.ts";

/** Endpoints that may share a slice: same family, same ports. Without endpoints it is one empty slice. */
export interface Group { readonly addressType: string; readonly ports: readonly EndpointPort[]; readonly endpoints: readonly Endpoint[] }

/** A slice as it shall be; `slice` is what it was. */
export interface Filled { readonly slice: EndpointSlice; readonly ports: readonly EndpointPort[]; readonly endpoints: readonly Endpoint[] }
export interface Packing { readonly create: readonly Group[]; readonly update: readonly Filled[]; readonly remove: readonly EndpointSlice[] }

interface Part { readonly slice: EndpointSlice; readonly endpoints: Endpoint[]; changed: boolean }

export const groupKey = (addressType: string, ports: readonly EndpointPort[] = []): string =>
  `${addressType} ${ports.map(({ name = "", protocol = "TCP", port, appProtocol }) => JSON.stringify([name, protocol, port, appProtocol])).toSorted().join()}`;

const identityOf = ({ addresses, hostname, targetRef }: Endpoint): string => JSON.stringify([addresses.toSorted(), hostname, targetRef?.kind, targetRef?.namespace, targetRef?.name]);

/** @param isStale slices that must be written in any case */
export function pack(existing: readonly EndpointSlice[], groups: readonly Group[], most: number, isStale: (slice: EndpointSlice) => boolean): Packing {
  const slices = Map.groupBy(existing, ({ addressType, ports }) => groupKey(addressType, ports));
  const packed = groups.map((group) => packGroup(slices.get(groupKey(group.addressType, group.ports)) ?? [], group, most, isStale));
  const wanted = new Set(groups.map(({ addressType, ports }) => groupKey(addressType, ports)));
  const unwanted = existing.filter(({ addressType, ports }) => !wanted.has(groupKey(addressType, ports)));
  return recycle({
    create: packed.flatMap(({ create }) => create), update: packed.flatMap(({ update }) => update),
    remove: [...unwanted, ...packed.flatMap(({ remove }) => remove)],
  });
}

function packGroup(slices: readonly EndpointSlice[], group: Group, most: number, isStale: (slice: EndpointSlice) => boolean): Packing {
  if (group.endpoints.length === 0) return packEmpty(slices, group, isStale);
  const left = new Map(group.endpoints.map((endpoint) => [identityOf(endpoint), endpoint]));
  const parts = slices.map((slice) => partOf(slice, left, isStale));
  const rest = [...left.values()];
  for (const part of parts.filter(({ changed }) => changed).toSorted((a, b) => b.endpoints.length - a.endpoints.length)) part.endpoints.push(...rest.splice(0, most - part.endpoints.length));
  const create: Group[] = [];
  while (rest.length > 0) {
    const roomy = rest.length < most ? fullestWithRoom(parts, most - rest.length) : undefined;
    if (roomy === undefined) create.push({ ...group, endpoints: rest.splice(0, most) });
    else {
      roomy.endpoints.push(...rest.splice(0));
      roomy.changed = true;
    }
  }
  return {
    create, remove: parts.filter(({ endpoints }) => endpoints.length === 0).map(({ slice }) => slice),
    update: parts.filter(({ changed, endpoints }) => changed && endpoints.length > 0).map(({ slice, endpoints }) => ({ slice, ports: group.ports, endpoints })),
  };
}

/** What stays of a slice, as it is now. Takes from `left`. */
function partOf(slice: EndpointSlice, left: Map<string, Endpoint>, isStale: (slice: EndpointSlice) => boolean): Part {
  const endpoints = (slice.endpoints ?? []).flatMap((endpoint) => {
    const id = identityOf(endpoint);
    const wanted = left.get(id);
    left.delete(id);
    return wanted ?? [];
  });
  return { slice, endpoints, changed: isStale(slice) || !semanticEqual(endpoints, slice.endpoints) };
}

const fullestWithRoom = (parts: readonly Part[], size: number): Part | undefined =>
  parts.filter(({ endpoints }) => endpoints.length > 0 && endpoints.length <= size).toSorted((a, b) => b.endpoints.length - a.endpoints.length)[0];

function packEmpty([first, ...others]: readonly EndpointSlice[], group: Group, isStale: (slice: EndpointSlice) => boolean): Packing {
  if (first === undefined) return { create: [group], update: [], remove: [] };
  const isRight = (first.endpoints ?? []).length === 0 && !isStale(first);
  return { create: [], update: isRight ? [] : [{ slice: first, ports: group.ports, endpoints: [] }], remove: others };
}

/** A slice that would go becomes one that would be made. Upstream: recycleSlices */
function recycle({ create, update, remove }: Packing): Packing {
  const free = [...remove];
  const fresh: Group[] = [];
  const reused: Filled[] = [];
  for (const group of create) {
    const at = free.findIndex(({ addressType }) => addressType === group.addressType);
    const [slice] = at < 0 ? [] : free.splice(at, 1);
    if (slice === undefined) fresh.push(group);
    else reused.push({ slice, ports: group.ports, endpoints: group.endpoints });
  }
  return { create: fresh, update: [...update, ...reused], remove: free };
}
