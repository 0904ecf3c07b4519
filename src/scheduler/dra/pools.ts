/** Pools of devices, out of the slices that drivers publish. Upstream: structured/internal pools_*.go GatherPools */
import type { NodeSelector } from "#api/gen/core-v1.ts";
import type { Device, ResourceSlice } from "#api/gen/resource-v1.ts";
import { selectsNode, type SelectableNode } from "#api/node-selector.ts";
import { Quantity } from "#apimachinery/quantity.ts";
import { idOf, type Candidate } from "./candidate.ts";

/** The newest generation of a pool. */
export interface Pool {
  /** `driver/pool` */
  readonly id: string;
  /** From a pool of which slices are missing, or say what cannot be, nothing is taken. */
  readonly state: "complete" | "incomplete" | "invalid";
  readonly slices: readonly ResourceSlice[];
  /** All devices, wherever they are. */
  readonly devices: readonly Candidate[];
  readonly counterSets: ReadonlyMap<string, ReadonlyMap<string, Quantity>>;
}

/** A device with the pool that it is from. */
export interface Reachable { readonly pool: Pool; readonly candidate: Candidate }
/** A pool with those of its devices that a node can reach. */
export interface NodePool { readonly pool: Pool; readonly devices: readonly Reachable[] }

export class Pools {
  /** Those that are on one node alone, by node: as a rule all. */
  readonly #ofNode = new Map<string, NodePool[]>();
  readonly #others: Pool[] = [];

  constructor(slices: readonly ResourceSlice[]) {
    for (const pool of poolsOf(slices)) {
      const [node, ...more] = new Set(pool.slices.map(({ spec }) => spec.nodeName));
      if (node === undefined || more.length > 0) this.#others.push(pool);
      else this.#ofNode.set(node, inOrder([...(this.#ofNode.get(node) ?? []), nodePool(pool, pool.devices)]));
    }
  }

  /** In the order in which devices are taken from them: those that need nothing before a pod is bound come first. */
  for(node: SelectableNode): readonly NodePool[] {
    const own = this.#ofNode.get(node.name) ?? [];
    const others = this.#others.filter(({ slices }) => slices.some((slice) => concerns(slice, node))).map((pool) => nodePool(pool, reachable(pool, node)));
    return others.length === 0 ? own : inOrder([...own, ...others]);
  }
}

const isLate = ({ bindingConditions = [] }: Device): boolean => bindingConditions.length > 0;
const nodePool = (pool: Pool, devices: readonly Candidate[]): NodePool => ({ pool, devices: devices.map((candidate) => ({ pool, candidate })) });
const inOrder = (pools: NodePool[]): NodePool[] =>
  pools.sort((a, b) => Number(a.devices.some(({ candidate }) => isLate(candidate.device))) - Number(b.devices.some(({ candidate }) => isLate(candidate.device))) || (a.pool.id < b.pool.id ? -1 : 1));
const reachable = ({ devices }: Pool, node: SelectableNode): readonly Candidate[] => devices.filter(({ device, slice }) => reaches(slice.perDeviceNodeSelection === true ? device : slice, node));

/** What devices share is everybody's. */
const concerns = ({ spec }: ResourceSlice, node: SelectableNode): boolean =>
  (spec.sharedCounters ?? []).length > 0 || (spec.perDeviceNodeSelection === true ? (spec.devices ?? []).some((device) => reaches(device, node)) : reaches(spec, node));

/** Upstream: NodeMatches */
function reaches({ nodeName = "", allNodes, nodeSelector }: { readonly nodeName?: string; readonly allNodes?: boolean; readonly nodeSelector?: NodeSelector }, node: SelectableNode): boolean {
  if (nodeName !== "") return nodeName === node.name;
  return allNodes === true || (nodeSelector !== undefined && selectsNode(nodeSelector, node));
}

function poolsOf(slices: readonly ResourceSlice[]): readonly Pool[] {
  const newest = new Map<string, ResourceSlice[]>();
  for (const slice of slices) {
    const id = `${slice.spec.driver}/${slice.spec.pool.name}`;
    const known = newest.get(id);
    const ahead = slice.spec.pool.generation - (known?.[0]?.spec.pool.generation ?? -Infinity);
    if (ahead > 0) newest.set(id, [slice]);
    else if (ahead === 0) known?.push(slice);
  }
  return [...newest].sort(([a], [b]) => (a < b ? -1 : 1)).map(([id, all]) => poolOf(id, all));
}

function poolOf(id: string, slices: ResourceSlice[]): Pool {
  slices.sort((a, b) => Number(a.spec.devices?.some(isLate) === true) - Number(b.spec.devices?.some(isLate) === true) || (a.metadata.name < b.metadata.name ? -1 : 1));
  const devices = slices.flatMap(({ spec }) => (spec.devices ?? []).map((device) => candidate(device, spec)));
  const sets = slices.flatMap(({ spec }) => spec.sharedCounters ?? []);
  const counterSets = new Map(sets.map(({ name, counters = {} }) => [name, new Map(Object.entries(counters).map(([key, { value }]) => [key, Quantity.parse(value)]))]));
  const isComplete = slices.length === slices[0]?.spec.pool.resourceSliceCount;
  const isValid = counterSets.size === sets.length && new Set(devices.map((one) => one.id)).size === devices.length && devices.every(({ device }) => consumesWhatIs(device, counterSets));
  return { id, slices, devices, counterSets, state: !isComplete ? "incomplete" : isValid ? "complete" : "invalid" };
}

const candidate = (device: Device, slice: ResourceSlice["spec"]): Candidate =>
  ({ id: idOf({ driver: slice.driver, pool: slice.pool.name, device: device.name }), driver: slice.driver, pool: slice.pool.name, device, slice });

/** Upstream: validateDeviceCounterConsumption */
const consumesWhatIs = ({ consumesCounters = [] }: Device, sets: Pool["counterSets"]): boolean =>
  consumesCounters.every(({ counterSet, counters = {} }) => Object.keys(counters).every((name) => sets.get(counterSet)?.has(name) === true));
