/** One run of a program: its variables and what it may still spend. */
import { costLimitExceeded } from "./budget.ts";
import { CelError, type Value } from "./values.ts";

/** The value of a declared variable; asked at most once a run for each name. Undefined: it has none. */
export type Activation = (name: string) => Value | undefined;

/** A node made ready to run. It never throws but for `Interrupted`. */
export type Step = (frame: Frame) => Value;

export class Frame {
  /** Variables of comprehensions and bindings, by the place that planning gave them. */
  readonly slots: Value[] = [];
  readonly #activation: Activation;
  readonly #known = new Map<string, Value>();
  #left: number;

  constructor(activation: Activation, budget: number) {
    this.#activation = activation;
    this.#left = budget;
  }

  get left(): number { return this.#left; }

  /** Throws Interrupted when the budget is gone. */
  spend(cost: number): void {
    this.#left -= cost;
    if (this.#left < 0) throw costLimitExceeded;
  }

  variable(name: string): Value {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const found = this.#activation(name);
    const value = found === undefined ? new CelError(`no such attribute(s): ${name}`) : found;
    this.#known.set(name, value);
    return value;
  }
}
