/** What a claim's status says of the devices that were found. Upstream: Allocator.Allocate, createNodeSelector */
import type { NodeSelector, NodeSelectorRequirement, NodeSelectorTerm } from "#api/gen/core-v1.ts";
import type { AllocationResult, DeviceAllocationConfiguration, DeviceRequestAllocationResult } from "#api/gen/resource-v1.ts";
import { isShared } from "./candidate.ts";
import type { Taking } from "./taken.ts";
import type { Wanted, WantedClaim } from "./wanted.ts";

/** @param newShareId names a part of a shared device */
export function resultOf(wanted: WantedClaim, taken: readonly Taking[], node: string, newShareId: () => string): AllocationResult {
  const config = configOf(wanted, chosenOf(wanted, taken));
  const nodeSelector = placeOf(taken, node);
  return { devices: { results: taken.map((one) => deviceResult(one, newShareId)), ...(config.length > 0 && { config }) }, ...(nodeSelector && { nodeSelector }) };
}

function deviceResult({ wanted: { name: request, adminAccess, tolerations }, candidate, amounts }: Taking, newShareId: () => string): DeviceRequestAllocationResult {
  const { driver, pool, device: { name: device, bindingConditions, bindingFailureConditions } } = candidate;
  return {
    request, driver, pool, device, ...(adminAccess && { adminAccess }), ...(tolerations && { tolerations: [...tolerations] }),
    ...(bindingConditions && { bindingConditions }), ...(bindingFailureConditions && { bindingFailureConditions }),
    ...(isShared(candidate) && { shareID: newShareId() }), ...(amounts && amounts.size > 0 && { consumedCapacity: Object.fromEntries([...amounts].map(([name, amount]) => [name, String(amount)])) }),
  };
}

/** Of each request the alternative that was taken. */
const chosenOf = ({ requests }: WantedClaim, taken: readonly Taking[]): readonly Wanted[] =>
  requests.flatMap((alternatives) => alternatives.find((wanted) => taken.some((one) => one.wanted === wanted)) ?? []);

/** A class's comes once, with the requests that it is for, before the claim's own. */
function configOf({ claim }: WantedClaim, chosen: readonly Wanted[]): DeviceAllocationConfiguration[] {
  const byClass = Map.groupBy(chosen, (wanted) => wanted.class);
  const ofClasses = [...byClass].flatMap(([{ spec }, wanted]) => (spec.config ?? []).map(({ opaque }): DeviceAllocationConfiguration => ({ source: "FromClass", requests: wanted.map(({ name }) => name), ...(opaque && { opaque }) })));
  const ofClaim = (claim.spec.devices?.config ?? []).flatMap(({ requests = [], opaque }): DeviceAllocationConfiguration[] => {
    const times = requests.length === 0 ? 1 : chosen.filter(({ name, request }) => requests.includes(name) || requests.includes(request)).length;
    return Array.from({ length: times }, () => ({ source: "FromClaim", ...(requests.length > 0 && { requests }), ...(opaque && { opaque }) }));
  });
  return [...ofClasses, ...ofClaim];
}

/** Where the claim can be used with these devices: on their node, on nodes with all that they ask for, or anywhere. */
function placeOf(taken: readonly Taking[], node: string): NodeSelector | undefined {
  const term = { matchFields: new Map<string, NodeSelectorRequirement>(), matchExpressions: new Map<string, NodeSelectorRequirement>() };
  for (const { candidate: { device, slice } } of taken) {
    const place = slice.perDeviceNodeSelection === true ? device : slice;
    if (place.nodeName !== undefined || device.bindsToNode === true) return { nodeSelectorTerms: [{ matchFields: [{ key: "metadata.name", operator: "In", values: [node] }] }] };
    const [asked] = place.nodeSelector?.nodeSelectorTerms ?? [];
    for (const part of ["matchFields", "matchExpressions"] as const) for (const one of asked?.[part] ?? []) addOnce(term[part], one);
  }
  const made: NodeSelectorTerm = Object.fromEntries(Object.entries(term).flatMap(([part, known]) => (known.size > 0 ? [[part, [...known.values()]]] : [])));
  return Object.keys(made).length > 0 ? { nodeSelectorTerms: [made] } : undefined;
}

function addOnce(known: Map<string, NodeSelectorRequirement>, one: NodeSelectorRequirement): void {
  const key = JSON.stringify([one.key, one.operator, one.values?.toSorted()]);
  if (!known.has(key)) known.set(key, one);
}
