/** The door: which devices claims get on a node. Pure but for what it remembers. Upstream: dynamic-resource-allocation/structured Allocator */
import type { AllocationResult, ResourceClaim } from "#api/gen/resource-v1.ts";
import type { SelectableNode } from "#api/node-selector.ts";
import { keyOf } from "#apimachinery/meta.ts";
import type { Allocated } from "./allocated.ts";
import { Constraint } from "./constraint.ts";
import { Counters } from "./counters.ts";
import { Effort, OutOfEffort } from "./effort.ts";
import type { NodePool, Pools, Reachable } from "./pools.ts";
import { resultOf } from "./result.ts";
import { Search } from "./search.ts";
import { SelectorError, type Selectors } from "./selectors.ts";
import { Taken } from "./taken.ts";
import { mostResults, wantedBy, type ClassOf, type Wanted, type WantedClaim } from "./wanted.ts";

export type Allocation =
  /** One for each claim, in their order. */
  | { readonly results: readonly AllocationResult[] }
  /** Not on this node. */
  | { readonly rejected: string }
  /** Nowhere: something is wrong with a claim or its class. */
  | { readonly error: string };

export interface AllocatorDeps {
  readonly classOf: ClassOf;
  readonly pools: Pools;
  readonly allocated: Allocated;
  readonly selectors: Selectors;
  readonly newShareId: () => string;
}

/** For one pod in one scheduling cycle: what claims have must not change meanwhile. */
export class Allocator {
  readonly #deps: AllocatorDeps;
  readonly #effort = new Effort();
  readonly #counters: Counters;
  readonly #wanted = new WeakMap<ResourceClaim, ReturnType<typeof wantedBy>>();

  constructor(deps: AllocatorDeps) {
    this.#deps = deps;
    this.#counters = new Counters(deps.allocated);
  }

  allocate(claims: readonly ResourceClaim[], node: SelectableNode): Allocation {
    const wanted: WantedClaim[] = [];
    for (const claim of claims) {
      const one = this.#wantedBy(claim);
      if ("error" in one) return one;
      wanted.push(one);
    }
    try {
      return this.#search(wanted, node);
    } catch (err) {
      if (err instanceof OutOfEffort) return { rejected: "timed out trying to allocate devices" };
      if (err instanceof SelectorError || err instanceof Contradiction) return { error: err.message };
      throw err;
    }
  }

  #wantedBy(claim: ResourceClaim): ReturnType<typeof wantedBy> {
    const known = this.#wanted.get(claim) ?? wantedBy(claim, this.#deps.classOf);
    this.#wanted.set(claim, known);
    return known;
  }

  #search(claims: readonly WantedClaim[], node: SelectableNode): Allocation {
    const { pools, allocated, selectors, newShareId } = this.#deps;
    this.#effort.beginNode();
    const nodePools = pools.for(node);
    const all = this.#all(claims, nodePools);
    if ("rejected" in all) return all;
    const tooMuch = claims.map((claim) => limitProblem(claim, all)).find((problem) => problem !== undefined);
    if (tooMuch !== undefined) return { error: tooMuch };
    this.#counters.begin();
    const taken = new Taken(allocated, this.#counters, claims.map(({ constraints }) => constraints.map((one) => new Constraint(one))), this.#effort);
    const devices = reachable(nodePools.filter(({ pool }) => pool.state === "complete"));
    const answer = new Search({ claims, devices, all, taken, selectors, effort: this.#effort, contradiction: (wanted, device) => new Contradiction(claims, wanted, device) }).run();
    if (answer !== "found") return { rejected: nodePools.some(({ pool }) => pool.state === "invalid") ? "invalid resource pools were encountered" : "cannot allocate all claims" };
    return found(() => claims.map((claim, i) => resultOf(claim, taken.claims[i] ?? [], node.name, newShareId)));
  }

  /** For all devices every slice must be known: else it cannot be said how many they are. */
  #all(claims: readonly WantedClaim[], pools: readonly NodePool[]): ReadonlyMap<Wanted, readonly Reachable[]> | { readonly rejected: string } {
    const all = new Map<Wanted, readonly Reachable[]>();
    for (const { claim, requests } of claims) {
      for (const wanted of requests.flatMap((alternatives) => alternatives.filter(({ mode }) => mode === "all"))) {
        const open = pools.find(({ pool }) => pool.state !== "complete")?.pool;
        const state = open?.state === "invalid" ? "invalid" : "being updated";
        if (open !== undefined) return { rejected: `claim ${keyOf(claim)}, request ${ownName(wanted)}: asks for all devices, but resource pool ${open.id} is currently ${state}` };
        all.set(wanted, reachable(pools).filter(({ candidate }) => this.#deps.selectors.hold(wanted.selectors, candidate, this.#effort)));
      }
    }
    return all;
  }
}

/** Written out when it is asked for: of many nodes one is chosen. */
function found(make: () => readonly AllocationResult[]): Allocation {
  let made: readonly AllocationResult[] | undefined;
  return { get results() { return (made ??= make()); } };
}

/** As a rule a node has one pool. */
const reachable = (pools: readonly NodePool[]): readonly Reachable[] => (pools.length === 1 ? pools[0]?.devices : undefined) ?? pools.flatMap(({ devices }) => devices);

function limitProblem({ claim, requests }: WantedClaim, all: ReadonlyMap<Wanted, readonly Reachable[]>): string | undefined {
  const least = requests.reduce((sum, alternatives) => sum + Math.min(...alternatives.map((wanted) => all.get(wanted)?.length ?? wanted.count)), 0);
  return least > mostResults ? `claim ${keyOf(claim)}: number of requested devices ${least} exceeds the claim limit of ${mostResults}` : undefined;
}

/** An alternative by its own name. */
const ownName = ({ name }: Wanted): string => name.slice(name.indexOf("/") + 1);

class Contradiction extends Error {
  constructor(claims: readonly WantedClaim[], wanted: Wanted, { candidate }: Reachable) {
    const of = claims.find(({ requests }) => requests.some((alternatives) => alternatives.includes(wanted)));
    super(`claim ${of === undefined ? "" : keyOf(of.claim)}, request ${ownName(wanted)}: cannot add device ${candidate.id} because a claim constraint would not be satisfied`);
  }
}
