/** Addresses in the fewest subsets. Upstream: pkg/api/v1/endpoints/util.go RepackSubsets */
import type { EndpointAddress, EndpointPort, EndpointSubset } from "#api/gen/core-v1.ts";

/** One address, and one port behind it; a headless Service may have none. */
export interface Place { readonly address: EndpointAddress; readonly ready: boolean; readonly port: EndpointPort | undefined }

interface Bundle { readonly ports: EndpointPort[]; readonly places: readonly Place[] }

/** Addresses that one Endpoints object holds. Upstream: maxCapacity */
export const mostAddresses = 1000;

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const idOf = ({ ip, targetRef }: EndpointAddress): string => `${ip} ${targetRef?.uid ?? ""}`;
const portOf = (port: EndpointPort | undefined): string => JSON.stringify([port?.name, port?.protocol, port?.port, port?.appProtocol]);

/** Ports that lead to the very same addresses share a subset. An address that is not ready once is not ready at all there. */
export function repack(places: readonly Place[]): EndpointSubset[] {
  const bundles = new Map<string, Bundle>();
  for (const [, list] of [...Map.groupBy(places, ({ port }) => portOf(port))].toSorted(([a], [b]) => byText(a, b))) {
    const unique = [...Map.groupBy(list, ({ address }) => idOf(address)).values()].flatMap((same) => same.find(({ ready }) => !ready) ?? same[0] ?? []);
    const sorted = unique.toSorted((a, b) => byText(idOf(a.address), idOf(b.address)));
    const key = sorted.map(({ address, ready }) => `${idOf(address)} ${ready}`).join();
    const bundle = bundles.get(key) ?? { ports: [], places: sorted };
    if (sorted[0]?.port !== undefined) bundle.ports.push(sorted[0].port);
    bundles.set(key, bundle);
  }
  return [...bundles.values()].map(subsetOf);
}

function subsetOf({ ports, places }: Bundle): EndpointSubset {
  const addresses = places.filter(({ ready }) => ready).map(({ address }) => address);
  const notReadyAddresses = places.filter(({ ready }) => !ready).map(({ address }) => address);
  return { ...(addresses.length > 0 && { addresses }), ...(notReadyAddresses.length > 0 && { notReadyAddresses }), ...(ports.length > 0 && { ports }) };
}

/** Cuts what is too much, in every subset its share; ready addresses stay longest. Upstream: truncateEndpoints */
export function truncate(subsets: readonly EndpointSubset[]): { readonly subsets: readonly EndpointSubset[]; readonly truncated: boolean } {
  const count = (field: "addresses" | "notReadyAddresses"): number => subsets.reduce((sum, subset) => sum + (subset[field]?.length ?? 0), 0);
  const ready = count("addresses");
  if (ready + count("notReadyAddresses") <= mostAddresses) return { subsets, truncated: false };
  const cut = ready > mostAddresses
    ? share(subsets, "addresses", ready, mostAddresses).map((subset) => ({ ...subset, notReadyAddresses: [] }))
    : share(subsets, "notReadyAddresses", count("notReadyAddresses"), mostAddresses - ready);
  return { subsets: cut, truncated: true };
}

function share(subsets: readonly EndpointSubset[], field: "addresses" | "notReadyAddresses", total: number, room: number): EndpointSubset[] {
  let left = room;
  return subsets.map((subset) => {
    const kept = (subset[field] ?? []).slice(0, Math.min(left, Math.ceil(((subset[field]?.length ?? 0) / total) * room)));
    left -= kept.length;
    return { ...subset, [field]: kept };
  });
}
