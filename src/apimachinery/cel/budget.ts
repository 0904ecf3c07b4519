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

/** Costs of the parts that are not calls. Upstream: cel-go common/cost.go */
export const identCost = 1;
export const listCost = 10;
export const mapCost = 30;
export const structCost = 40;
export const traversalFactor = 0.1;
export const regexFactor = 0.25;
