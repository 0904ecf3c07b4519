/** What upstream's folds cost beside their bodies. Upstream: cel-go parser/macro.go, what each macro expands to */
import type { LoopMacro } from "./ast.ts";

export interface LoopCost {
  /** Once for the initial value, where that is a list or a map; only the estimate counts it, constants are free when they run. */
  readonly init: number;
  /** Each step. */
  readonly step: number;
  /** Each step whose item is taken. */
  readonly taken: number;
  readonly result: number;
}

export const loopCosts: Readonly<Record<LoopMacro, LoopCost>> = {
  all: { init: 0, step: 3, taken: 0, result: 1 },
  exists: { init: 0, step: 4, taken: 0, result: 1 },
  existsOne: { init: 0, step: 1, taken: 1, result: 2 },
  filter: { init: 10, step: 1, taken: 12, result: 1 },
  map: { init: 10, step: 1, taken: 11, result: 1 },
  transformList: { init: 10, step: 1, taken: 11, result: 1 },
  transformMap: { init: 30, step: 1, taken: 2, result: 1 },
  transformMapEntry: { init: 30, step: 1, taken: 1, result: 1 },
};
