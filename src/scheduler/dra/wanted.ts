/** What claims ask for, with the classes that they name. Upstream: allocator.validateDeviceRequest */
import type { DeviceClass, DeviceConstraint, DeviceRequest, DeviceSelector, DeviceSubRequest, DeviceToleration, ResourceClaim } from "#api/gen/resource-v1.ts";
import { keyOf } from "#apimachinery/meta.ts";

/** Results that one claim can hold. Upstream: resource/v1 AllocationResultsMaxSize */
export const mostResults = 32;

/** One way to satisfy a request. */
export interface Wanted {
  /** As results name it: `gpu`, or `gpu/large` of a choice. */
  readonly name: string;
  /** The request that it belongs to: `gpu`. */
  readonly request: string;
  readonly class: DeviceClass;
  /** All must hold; the class's come first. */
  readonly selectors: readonly Selector[];
  readonly mode: "count" | "all";
  readonly count: number;
  readonly adminAccess: boolean;
  readonly tolerations: readonly DeviceToleration[] | undefined;
  /** Amounts of shared devices. */
  readonly capacity: Readonly<Record<string, string>> | undefined;
}
/** `where` begins an error: `class gpu.acme.io: selector #0`. */
export interface Selector { readonly expression: string; readonly where: string }

export interface WantedClaim {
  readonly claim: ResourceClaim;
  /** Of each request its alternatives, the most wanted first. */
  readonly requests: readonly (readonly Wanted[])[];
  readonly constraints: readonly DeviceConstraint[];
}

export type ClassOf = (name: string) => DeviceClass | undefined;

/** An error where the claim asks for what no node can give it. */
export function wantedBy(claim: ResourceClaim, classOf: ClassOf): WantedClaim | { readonly error: string } {
  const { requests = [], constraints = [] } = claim.spec.devices ?? {};
  const wanted: (readonly Wanted[])[] = [];
  for (const request of requests) {
    const alternatives: Wanted[] = [];
    for (const asked of alternativesOf(request)) {
      const one = wantedOf(claim, request, asked, classOf);
      if ("error" in one) return one;
      alternatives.push(one);
    }
    wanted.push(alternatives);
  }
  const unknown = constraints.findIndex(({ matchAttribute, distinctAttribute }) => matchAttribute === undefined && distinctAttribute === undefined);
  return unknown < 0 ? { claim, requests: wanted, constraints } : { error: `claim ${keyOf(claim)}, constraint #${unknown}: empty constraint (unsupported constraint type?)` };
}

type Asked = DeviceSubRequest & { readonly adminAccess?: boolean };
/** A request without a choice is one alternative without a name of its own. */
const alternativesOf = ({ exactly, firstAvailable = [] }: DeviceRequest): readonly Asked[] => (exactly === undefined ? firstAvailable : [{ name: "", ...exactly }]);

function wantedOf(claim: ResourceClaim, { name: request }: DeviceRequest, asked: Asked, classOf: ClassOf): Wanted | { readonly error: string } {
  const where = `claim ${keyOf(claim)}, request ${asked.name || request}`;
  const { deviceClassName, selectors = [], allocationMode: mode = "ExactCount" } = asked;
  const found = classOf(deviceClassName);
  if (found === undefined) return { error: `${where}: could not retrieve device class ${deviceClassName}: deviceclass.resource.k8s.io "${deviceClassName}" not found` };
  if (mode !== "ExactCount" && mode !== "All") return { error: `${where}: unsupported count mode ${mode}` };
  return {
    name: asked.name === "" ? request : `${request}/${asked.name}`, request, class: found,
    selectors: [...expressions(found.spec.selectors, `class ${deviceClassName}`), ...expressions(selectors, `claim ${keyOf(claim)}`)],
    mode: mode === "All" ? "all" : "count", count: asked.count ?? 1, adminAccess: asked.adminAccess === true, tolerations: asked.tolerations, capacity: asked.capacity?.requests,
  };
}

const expressions = (selectors: readonly DeviceSelector[] | undefined, whose: string): readonly Selector[] =>
  (selectors ?? []).map(({ cel }, i) => ({ expression: cel?.expression ?? "", where: `${whose}: selector #${i}` }));
