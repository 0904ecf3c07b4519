import { Quantity } from "#apimachinery/quantity.ts";
import type { Allocated } from "./allocated.ts";
import type { Candidate } from "./candidate.ts";
import type { Pool } from "./pools.ts";

/** By `set/counter`. */
type Counts = ReadonlyMap<string, Quantity>;

/** What is left of what the devices of pools share, beside what claims have and what one search has taken. Upstream: allocator.checkAvailableCounters */
export class Counters {
  readonly #allocated: Allocated;
  readonly #available = new Map<Pool, Counts>();
  readonly #taken = new Map<Pool, Map<string, Quantity>>();

  constructor(allocated: Allocated) {
    this.#allocated = allocated;
  }

  /** A search begins: nothing is taken. */
  begin(): void {
    this.#taken.clear();
  }

  /** False, and nothing has changed, if there is too little left for the device. */
  take(pool: Pool, candidate: Candidate): boolean {
    const taken = this.#taken.get(pool) ?? new Map<string, Quantity>();
    const ends = [...consumption(candidate)].map(([key, amount]) => [key, (taken.get(key) ?? Quantity.zero).add(amount)] as const);
    const available = this.#availableOf(pool);
    if (ends.some(([key, end]) => end.cmp(available.get(key) ?? Quantity.zero) > 0)) return false;
    for (const [key, end] of ends) taken.set(key, end);
    this.#taken.set(pool, taken);
    return true;
  }

  giveBack(pool: Pool, candidate: Candidate): void {
    const taken = this.#taken.get(pool);
    for (const [key, amount] of consumption(candidate)) taken?.set(key, (taken.get(key) ?? Quantity.zero).sub(amount));
  }

  /** Worked out once for all nodes of a pod: what claims have does not change meanwhile. */
  #availableOf(pool: Pool): Counts {
    const known = this.#available.get(pool);
    if (known !== undefined) return known;
    const available = new Map<string, Quantity>([...pool.counterSets].flatMap(([set, counters]) => [...counters].map(([name, value]) => [`${set}/${name}`, value] as const)));
    for (const candidate of pool.devices) {
      if (!this.#allocated.has(candidate.id) && this.#allocated.amounts(candidate.id) === undefined) continue;
      for (const [key, amount] of consumption(candidate)) available.set(key, (available.get(key) ?? Quantity.zero).sub(amount));
    }
    this.#available.set(pool, available);
    return available;
  }
}

const consumption = ({ device: { consumesCounters = [] } }: Candidate): Counts =>
  new Map(consumesCounters.flatMap(({ counterSet, counters = {} }) => Object.entries(counters).map(([name, { value }]) => [`${counterSet}/${name}`, Quantity.parse(value)] as const)));
