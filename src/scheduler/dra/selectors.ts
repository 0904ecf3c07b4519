import { compileSelector, selects, type Selection } from "#api/device-selector.ts";
import type { Device } from "#api/gen/resource-v1.ts";
import type { Candidate } from "./candidate.ts";
import type { Effort } from "./effort.ts";
import type { Selector } from "./wanted.ts";

/** How many expressions are kept compiled. */
const most = 256;

/** What an expression says of each device: a device's answer is found out once, for all pods, while its slice stands. */
interface Known { readonly compiled: ReturnType<typeof compileSelector>; readonly answers: WeakMap<Device, Selection> }

/** Something is wrong with the claim or its class: no node can help. Caught by the allocator. */
export class SelectorError extends Error {
  override readonly name = "SelectorError";
}

/** Upstream: allocator.selectorsMatch, cel.Cache */
export class Selectors {
  readonly #known = new Map<string, Known>();
  /** The same by those who ask, who do so for many devices. */
  readonly #asking = new WeakMap<Selector, Known>();

  /** Whether all hold. Throws SelectorError, OutOfEffort. */
  hold(selectors: readonly Selector[], candidate: Candidate, effort: Effort): boolean {
    return selectors.every((selector) => this.#holds(selector, candidate, effort));
  }

  #holds(selector: Selector, { device, driver }: Candidate, effort: Effort): boolean {
    const { where } = selector;
    const { compiled, answers } = this.#asking.get(selector) ?? this.#get(selector);
    if ("error" in compiled) throw new SelectorError(`${where}: CEL compile error: ${compiled.error}`);
    const known = answers.get(device);
    const answer = known ?? selects(compiled.program, device, driver);
    if (known === undefined) answers.set(device, answer);
    effort.spend(known === undefined ? answer.cost : 0);
    if ("error" in answer) throw new SelectorError(`${where}: CEL runtime error: ${answer.error}`);
    return answer.matches;
  }

  /** The least recently used goes first. */
  #get(selector: Selector): Known {
    const { expression } = selector;
    const known = this.#known.get(expression) ?? { compiled: compileSelector(expression), answers: new WeakMap<Device, Selection>() };
    this.#known.delete(expression);
    this.#known.set(expression, known);
    this.#asking.set(selector, known);
    if (this.#known.size > most) for (const oldest of this.#known.keys()) { this.#known.delete(oldest); break; }
    return known;
  }
}
