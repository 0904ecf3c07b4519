/** What calls cost: said once, counted exactly when they run and as a range before. Upstream: cel-go interpreter/runtimecost.go, checker/cost.go, apiserver/pkg/cel/library/cost.go */
import { regexFactor, touch, traversalFactor } from "./budget.ts";
import { ListValue, MapValue, sizeOf } from "./containers.ts";
import { fixed, plus, regexCost, times, traversal, unknownSize, type Range } from "./sizes.ts";
import type { CelType } from "./types.ts";
import type { Value } from "./values.ts";

/** An argument before it has a value. */
export interface Sized {
  readonly size: Range;
  readonly type: CelType;
  /** Of a list's items or a map's values. */
  readonly element: Range;
}

export interface Estimate {
  readonly cost: Range;
  /** How long the result can be. */
  readonly size?: Range;
  /** How long the result's items can be. */
  readonly element?: Range;
}

export interface CallCost {
  readonly run: (args: readonly Value[]) => number;
  readonly estimate: (args: readonly Sized[]) => Estimate;
}

const arg = (args: readonly Value[], i: number): number => sizeOf(args[i] ?? null);
const sizeAt = (args: readonly Sized[], i: number): Range => args[i]?.size ?? unknownSize;

/** The same whatever the arguments. */
export const flat = (n: number): CallCost => ({ run: () => n, estimate: () => ({ cost: fixed(n) }) });

/** Reading one argument so many times; the result may be as long as `size` says. */
export function traverse(i: number, factor = 1, size?: (args: readonly Sized[]) => Range): CallCost {
  return {
    run: (args) => Math.ceil(arg(args, i) * factor * traversalFactor),
    estimate: (args) => ({ cost: traversal(sizeAt(args, i), factor), ...(size === undefined ? {} : { size: size(args) }) }),
  };
}

export const sameSize = (args: readonly Sized[]): Range => sizeAt(args, 0);

/** Counting through a list: one for each item. */
export const perItem = (i: number): CallCost => ({ run: (args) => arg(args, i), estimate: (args) => ({ cost: sizeAt(args, i) }) });

/** Comparing two values reads the shorter one. */
export const shorter: CallCost = {
  run: (args) => Math.ceil(Math.min(arg(args, 0), arg(args, 1)) * traversalFactor),
  estimate: (args) => {
    const max = Math.min(sizeAt(args, 0).max, sizeAt(args, 1).max);
    return { cost: traversal({ min: max > 0 ? 1 : 0, max }) };
  },
};

/** Joining two texts copies both. */
export const joined: CallCost = {
  run: (args) => Math.ceil((arg(args, 0) + arg(args, 1)) * traversalFactor),
  estimate: (args) => {
    const size = plus(sizeAt(args, 0), sizeAt(args, 1));
    return { cost: traversal(size), size };
  },
};

/** Joining two lists costs one step, however long they are. */
export const joinedLists: CallCost = {
  run: () => 1,
  estimate: (args) => {
    const [a, b] = args;
    return { cost: fixed(1), size: plus(sizeAt(args, 0), sizeAt(args, 1)), element: { min: 0, max: Math.max(a?.element.max ?? Infinity, b?.element.max ?? Infinity) } };
  },
};

/** The text at 0 against the pattern at 1; as many results as characters. */
export const matching: CallCost = {
  run: (args) => Math.ceil((1 + arg(args, 0)) * traversalFactor) * Math.ceil(arg(args, 1) * regexFactor),
  estimate: (args) => ({ cost: regexCost(sizeAt(args, 0), sizeAt(args, 1)), size: { min: 0, max: sizeAt(args, 0).max } }),
};

/** Looking for one text in another. */
export const searching: CallCost = {
  run: (args) => Math.ceil(arg(args, 0) * traversalFactor) * Math.ceil(arg(args, 1) * traversalFactor),
  estimate: (args) => ({ cost: times(traversal(sizeAt(args, 0)), traversal(sizeAt(args, 1))) }),
};

/** Every item of one list against every item of another. */
export const crossing = (factor: number): CallCost => ({
  run: (args) => 1 + arg(args, 0) * arg(args, 1) * factor,
  estimate: (args) => ({ cost: plus(fixed(1), times(times(sizeAt(args, 0), sizeAt(args, 1)), fixed(factor))) }),
});

/** Reading a list with everything in it; of a string, its characters. */
export const wholeList: CallCost = {
  run: (args) => Math.max(1, treeSize(args[0] ?? null)),
  estimate: ([list]) => {
    if (list === undefined || list.type.kind !== "list") return { cost: traversal(list?.size ?? unknownSize) };
    const kind = list.type.params[0]?.kind;
    const each = kind === "string" || kind === "bytes" ? plus(fixed(1), traversal(list.element)) : fixed(1);
    return { cost: times(list.size, each) };
  },
};

function treeSize(value: Value): number {
  touch(1);
  if (value instanceof ListValue) return value.toArray().reduce<number>((sum, item) => sum + treeSize(item), 0);
  if (value instanceof MapValue) return value.keys().reduce<number>((sum, key) => sum + treeSize(key) + treeSize(value.get(key) ?? null), 0);
  return typeof value === "string" ? Math.trunc(sizeOf(value) * traversalFactor) : 1;
}
