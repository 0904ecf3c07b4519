import { isShared } from "./candidate.ts";
import { stepCost, type Effort } from "./effort.ts";
import type { Reachable } from "./pools.ts";
import type { Selectors } from "./selectors.ts";
import type { Taken } from "./taken.ts";
import { mostResults, type Wanted, type WantedClaim } from "./wanted.ts";

/** `crowded`: not within the results that a claim can hold, so that other devices for what came before cannot help. */
export type Answer = "found" | "none" | "crowded";

export interface SearchDeps {
  readonly claims: readonly WantedClaim[];
  /** What the node can reach, in the order in which it is tried. */
  readonly devices: readonly Reachable[];
  /** For each that wants all devices: which these are. */
  readonly all: ReadonlyMap<Wanted, readonly Reachable[]>;
  readonly taken: Taken;
  readonly selectors: Selectors;
  readonly effort: Effort;
  /** A constraint keeps a claim from getting all that it wants all of. */
  readonly contradiction: (wanted: Wanted, device: Reachable) => Error;
}

/**
 * Tries device after device for claim after claim until each has what it wants; the first solution is the one. The
 * devices of one request are tried in one order only, since it does not matter which of them comes first: so a search
 * looks at sets, not at sequences. Upstream: allocator.allocateOne
 */
export class Search {
  readonly #deps: SearchDeps;

  constructor(deps: SearchDeps) {
    this.#deps = deps;
  }

  /** What was found is in `taken`. Throws OutOfEffort, SelectorError and what `contradiction` made. */
  run(): Answer {
    return this.#claim(0);
  }

  #claim(c: number): Answer {
    const claim = this.#deps.claims[c];
    return claim === undefined ? "found" : this.#request(c, claim, 0);
  }

  #request(c: number, claim: WantedClaim, r: number): Answer {
    const alternatives = claim.requests[r];
    if (alternatives === undefined) {
      const rest = this.#claim(c + 1);
      return rest === "crowded" ? "none" : rest; // this claim's other devices may help that one
    }
    let failed: Answer = "crowded";
    for (const wanted of alternatives) {
      const answer = this.#alternative(wanted, c, () => this.#request(c, claim, r + 1));
      if (answer === "found") return answer;
      if (answer === "none") failed = answer;
    }
    return failed;
  }

  #alternative(wanted: Wanted, c: number, rest: () => Answer): Answer {
    if (wanted.mode === "count") return this.#some(wanted, c, wanted.count, 0, rest);
    const all = this.#deps.all.get(wanted) ?? [];
    return all.length === 0 ? "none" : this.#every(wanted, c, all, rest);
  }

  /** So many more devices, of those from `from` on. */
  #some(wanted: Wanted, c: number, missing: number, from: number, rest: () => Answer): Answer {
    const { devices, taken, effort } = this.#deps;
    if (missing === 0) return rest();
    if (this.#isCrowded(c, missing)) return "crowded";
    for (let i = from; i < devices.length; i++) {
      const device = devices[i] as Reachable;
      effort.spend(stepCost);
      if (!this.#fits(wanted, c, device)) continue;
      const answer = this.#some(wanted, c, missing - 1, isShared(device.candidate) ? i : i + 1, rest);
      if (answer === "found") return answer;
      taken.undo(c);
      if (answer === "crowded") return answer;
    }
    return "none";
  }

  #fits(wanted: Wanted, c: number, device: Reachable): boolean {
    const { taken, selectors, effort } = this.#deps;
    return taken.isFree(c, wanted, device.candidate) && selectors.hold(wanted.selectors, device.candidate, effort) && taken.take(c, wanted, device) === undefined;
  }

  /** All of them or nothing: their order does not matter either. */
  #every(wanted: Wanted, c: number, all: readonly Reachable[], rest: () => Answer): Answer {
    const { taken, effort, contradiction } = this.#deps;
    if (this.#isCrowded(c, all.length)) return "crowded";
    let count = 0;
    const giveBack = (answer: Answer): Answer => {
      for (; count > 0; count--) taken.undo(c);
      return answer;
    };
    for (const device of all) {
      effort.spend(stepCost);
      const problem = taken.take(c, wanted, device);
      if (problem === "constrained") throw contradiction(wanted, device);
      if (problem !== undefined) return giveBack("none");
      count++;
    }
    const answer = rest();
    return answer === "found" ? answer : giveBack(answer);
  }

  #isCrowded(c: number, more: number): boolean {
    return (this.#deps.taken.claims[c]?.length ?? 0) + more > mostResults;
  }
}
