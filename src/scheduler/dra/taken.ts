import type { Device, DeviceTaint, DeviceToleration } from "#api/gen/resource-v1.ts";
import { tolerates } from "#api/taints.ts";
import type { Allocated } from "./allocated.ts";
import { isShared, type Candidate } from "./candidate.ts";
import { amountsOf, hasRoom, type Amounts } from "./capacity.ts";
import type { Constraint } from "./constraint.ts";
import type { Counters } from "./counters.ts";
import { countCost, type Effort } from "./effort.ts";
import type { Reachable } from "./pools.ts";
import type { Wanted } from "./wanted.ts";

export interface Taking extends Reachable {
  readonly wanted: Wanted;
  /** What is taken of a shared device; of another all is. */
  readonly amounts: Amounts | undefined;
  /** Whether the counters of its pool pay for it. */
  readonly counted: boolean;
}

/** What a search has taken so far, claim by claim. Every `take` can be taken back, the last first. Upstream: allocator.allocateDevice */
export class Taken {
  readonly claims: readonly (readonly Taking[])[];
  readonly #lists: readonly Taking[][];
  readonly #allocated: Allocated;
  readonly #counters: Counters;
  readonly #constraints: readonly (readonly Constraint[])[];
  readonly #effort: Effort;
  /** By device: the claims that get it whole. */
  readonly #whole = new Map<string, readonly number[]>();
  /** By device: what is taken of it. */
  readonly #shares = new Map<string, readonly Amounts[]>();

  constructor(allocated: Allocated, counters: Counters, constraints: readonly (readonly Constraint[])[], effort: Effort) {
    this.#allocated = allocated;
    this.#counters = counters;
    this.#constraints = constraints;
    this.#effort = effort;
    this.#lists = constraints.map(() => []);
    this.claims = this.#lists;
  }

  /** Whether the device is still to be had; whoever administers it does not care who else has it. */
  isFree(claim: number, { adminAccess }: Wanted, candidate: Candidate): boolean {
    const claims = this.#whole.get(candidate.id) ?? [];
    return adminAccess ? !claims.includes(claim) : claims.length === 0 && !this.#allocated.has(candidate.id);
  }

  /** Undefined, or why not, and then nothing has changed. Throws OutOfEffort. */
  take(claim: number, wanted: Wanted, { pool, candidate }: Reachable): "unfit" | "constrained" | undefined {
    this.#effort.spend(countCost * ((this.#constraints[claim]?.length ?? 0) + thingsCounted(candidate.device)));
    if (!this.isFree(claim, wanted, candidate) || isTaintedFor(candidate, wanted)) return "unfit";
    const amounts = amountsOf(wanted.capacity, candidate);
    if (amounts === undefined || !hasRoom(candidate, amounts, [this.#allocated.amounts(candidate.id), ...(this.#shares.get(candidate.id) ?? [])])) return "unfit";
    const counted = candidate.device.consumesCounters !== undefined && !(isShared(candidate) && this.#isShareTaken(candidate.id));
    if (counted && !this.#counters.take(pool, candidate)) return "unfit";
    if (!this.#constrain(claim, wanted, candidate)) {
      if (counted) this.#counters.giveBack(pool, candidate);
      return "constrained";
    }
    if (isShared(candidate)) this.#shares.set(candidate.id, [...(this.#shares.get(candidate.id) ?? []), amounts]);
    else this.#whole.set(candidate.id, [...(this.#whole.get(candidate.id) ?? []), claim]);
    this.#lists[claim]?.push({ wanted, pool, candidate, amounts: isShared(candidate) ? amounts : undefined, counted });
    return undefined;
  }

  /** Takes the claim's last device back. */
  undo(claim: number): void {
    const last = this.#lists[claim]?.pop();
    if (last === undefined) return;
    const { wanted, pool, candidate, counted } = last;
    for (const constraint of this.#constraints[claim] ?? []) constraint.remove(wanted, candidate);
    if (counted) this.#counters.giveBack(pool, candidate);
    if (isShared(candidate)) shorten(this.#shares, candidate.id);
    else shorten(this.#whole, candidate.id);
  }

  #isShareTaken(id: string): boolean {
    return this.#allocated.amounts(id) !== undefined || this.#shares.has(id);
  }

  #constrain(claim: number, wanted: Wanted, candidate: Candidate): boolean {
    const constraints = this.#constraints[claim] ?? [];
    const refusing = constraints.findIndex((constraint) => !constraint.add(wanted, candidate));
    for (const constraint of constraints.slice(0, Math.max(0, refusing))) constraint.remove(wanted, candidate);
    return refusing < 0;
  }
}

const thingsCounted = ({ capacity = {}, consumesCounters = [] }: Device): number =>
  Object.keys(capacity).length + consumesCounters.reduce((sum, { counters = {} }) => sum + Object.keys(counters).length, 0);

function shorten<T>(lists: Map<string, readonly T[]>, id: string): void {
  const left = lists.get(id)?.slice(0, -1) ?? [];
  if (left.length > 0) lists.set(id, left);
  else lists.delete(id);
}

/** Effects that nobody knows prevent nothing. Upstream: taintPreventsAllocation */
const isTaintedFor = ({ device }: Candidate, { tolerations = [] }: Wanted): boolean =>
  device.taints?.some((taint) => (taint.effect === "NoExecute" || taint.effect === "NoSchedule") && !tolerations.some((one) => bears(one, taint))) === true;

/** Upstream: resourceclaim.ToleratesTaint */
const bears = ({ effect, ...toleration }: DeviceToleration, { key, value = "", effect: of }: DeviceTaint): boolean =>
  (effect === undefined || effect === of) && tolerates(toleration, { key, value, effect: "NoSchedule" }); // the effects of nodes' taints are others
