/** A compiled expression: run it as often as wanted. */
import { beginRun, Interrupted, perCallLimit } from "./budget.ts";
import { Frame, type Activation, type Step } from "./frame.ts";
import type { Range } from "./sizes.ts";
import type { CelType } from "./types.ts";
import { isError, type Value } from "./values.ts";

export type Outcome =
  | { readonly ok: true; readonly value: Value; readonly cost: number }
  /** `interruption`: the run was ended from outside, by its budget or by a question; the expression is not wrong. */
  | { readonly ok: false; readonly error: string; readonly interruption: Interrupted | undefined; readonly cost: number };

export class Program {
  readonly returnType: CelType;
  /** The names of the declared variables that the expression mentions: `self`, `oldSelf`. */
  readonly variables: ReadonlySet<string>;
  readonly #step: Step;
  readonly #estimate: () => Range;

  constructor(step: Step, returnType: CelType, variables: ReadonlySet<string>, estimate: () => Range) {
    this.#step = step;
    this.#estimate = estimate;
    this.returnType = returnType;
    this.variables = variables;
  }

  /** The least and the most that a run can cost, as far as the schema bounds it; Infinity where it does not. */
  get cost(): Range {
    return this.#estimate();
  }

  /** Never throws; ends within its budget whatever the input. */
  run(activation: Activation, budget: number = perCallLimit): Outcome {
    const limit = Math.min(budget, perCallLimit);
    const frame = new Frame(activation, limit);
    beginRun();
    try {
      const value = this.#step(frame);
      const cost = limit - frame.left;
      return isError(value) ? { ok: false, error: value.message, interruption: undefined, cost } : { ok: true, value, cost };
    } catch (err) {
      if (err instanceof Interrupted) return { ok: false, error: err.message, interruption: err, cost: limit - Math.max(frame.left, 0) };
      throw err;
    }
  }
}
