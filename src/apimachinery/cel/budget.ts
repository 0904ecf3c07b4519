/** What one run of an expression may still cost. */

/** Thrown inside the evaluator only, caught by `Program.run`: no operator absorbs it. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
  constructor(message: string) {
    super(message);
    this.stack = "";
  }
}

/** Upstream: cel-go interpreter CostLimitExceeded */
export const costLimitExceeded: Interrupted = new Interrupted("operation cancelled: actual cost limit exceeded");

/** Upstream: apiserver/pkg/apis/cel config.go PerCallLimit */
export const perCallLimit = 1_000_000;
/** For all rules of one object together. Upstream: RuntimeCELCostBudget */
export const runtimeCostBudget = 10_000_000;
/** Upstream: apiextensions-apiserver StaticEstimatedCostLimit, StaticEstimatedCRDCostLimit */
export const staticEstimatedCostLimit = 10_000_000;
export const staticEstimatedCrdCostLimit = 100_000_000;

/** Items that one run may touch inside of nested values, where upstream counts the outermost only. */
const nestedLimit = perCallLimit;
let nestedLeft = nestedLimit;

/** A run begins. Runs never wait, so there is one at a time; the variables of a policy run within another. */
export function beginRun(): void {
  nestedLeft = nestedLimit;
}

/** Called where a value is walked whole: shared parts may make it far larger than what it is made of. Throws Interrupted. */
export function touch(items: number): void {
  nestedLeft -= items;
  if (nestedLeft < 0) throw costLimitExceeded;
}

/** The most items that lists may be joined to: going through more would cost too much anyway. */
export const maxJoined: number = perCallLimit;

/** Costs of the parts that are not calls. Upstream: cel-go common/cost.go */
export const identCost = 1;
export const listCost = 10;
export const mapCost = 30;
export const structCost = 40;
export const traversalFactor = 0.1;
export const regexFactor = 0.25;
