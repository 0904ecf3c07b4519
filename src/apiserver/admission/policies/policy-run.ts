/** Runs the expressions of one policy over one request: one budget, and variables that are evaluated when they are first read. */
import { runAsking } from "#apimachinery/cel/asking.ts";
import { perCallLimit, runtimeCostBudget } from "#apimachinery/cel/budget.ts";
import { MapValue } from "#apimachinery/cel/containers.ts";
import type { Activation } from "#apimachinery/cel/frame.ts";
import { Unanswered } from "#apimachinery/cel/library/authorization.ts";
import { CelError, type Value } from "#apimachinery/cel/values.ts";
import type { KubeObject } from "#apimachinery/meta.ts";
import type { CompiledVariables } from "./compiled-policy.ts";
import type { CompiledExpression } from "./environment.ts";
import type { RequestValues } from "./request-values.ts";

/** Nothing more of this policy is run for this request. */
export class OutOfBudget extends Error {
  override readonly name = "OutOfBudget";
  constructor() {
    super("validation failed due to running out of cost budget, no further validation rules will be run");
  }
}

export type Evaluation = { readonly value: Value } | { readonly error: string };

export class PolicyRun {
  readonly #values: RequestValues;
  readonly #activation: Activation;
  #budget = runtimeCostBudget;

  constructor(values: RequestValues, params: KubeObject | undefined, variables: CompiledVariables) {
    this.#values = values;
    const request = values.activation(params);
    const own: Value = new LazyVariables(variables, (name) => (name === "variables" ? own : request(name)), (cost) => { this.#budget -= cost; });
    this.#activation = (name) => (name === "variables" ? own : request(name));
  }

  get activation(): Activation { return this.#activation; }

  /** Throws OutOfBudget. */
  async evaluate(expression: string, compiled: CompiledExpression): Promise<Evaluation> {
    if (!("program" in compiled)) return { error: `compilation error: ${compiled.error}` };
    const outcome = await runAsking(compiled.program, this.#activation, this.#values.log, Math.max(0, Math.min(this.#budget, perCallLimit)));
    this.#budget -= outcome.cost;
    if (this.#budget <= 0) throw new OutOfBudget();
    return outcome.ok ? { value: outcome.value } : { error: `expression '${expression}' resulted in error: ${outcome.error}` };
  }
}

/** `variables.x`: compiled beforehand, run once at most. */
class LazyVariables extends MapValue {
  readonly #variables: CompiledVariables;
  readonly #activation: Activation;
  readonly #charge: (cost: number) => void;
  readonly #known = new Map<string, Value>();
  constructor(variables: CompiledVariables, activation: Activation, charge: (cost: number) => void) {
    super();
    this.#variables = variables;
    this.#activation = activation;
    this.#charge = charge;
  }
  get size(): number { return this.#variables.programs.size; }
  keys(): readonly Value[] { return [...this.#variables.programs.keys()]; }
  get(key: Value): Value | undefined {
    if (typeof key !== "string") return undefined;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const value = this.#evaluate(key);
    if (value !== undefined) this.#known.set(key, value);
    return value;
  }

  #evaluate(name: string): Value | undefined {
    const compiled = this.#variables.programs.get(name);
    if (compiled === undefined) return undefined;
    if (!("program" in compiled)) return new CelError(`composited variable "${name}" fails to compile: ${compiled.error}`);
    const outcome = compiled.program.run(this.#activation);
    this.#charge(outcome.cost);
    if (outcome.ok) return outcome.value;
    if (outcome.interruption instanceof Unanswered) throw outcome.interruption; // the whole run is repeated with the answer
    return new CelError(`composited variable "${name}" fails to evaluate: ${outcome.error}`);
  }
}
