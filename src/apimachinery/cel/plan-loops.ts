/** Comprehensions, as loops that never build what upstream's folds build in between, at the price of those folds. */
import type { Loop, LoopMacro } from "./ast.ts";
import { loopCosts } from "./loop-costs.ts";
import { ArrayList, EntryMap, ListValue, MapValue } from "./containers.ts";
import type { Frame, Step } from "./frame.ts";
import type { Planner } from "./plan.ts";
import { isError, noSuchOverload, type CelError, type Value } from "./values.ts";

interface LoopPlan {
  readonly range: Step;
  readonly first: number;
  /** Undefined with a single variable. */
  readonly second: number | undefined;
  readonly filter: Step | undefined;
  readonly body: Step;
}

export function planLoop(planner: Planner, loop: Loop): Step {
  const range = planner.step(loop.range);
  const [[first = 0, second], { filter, body }] = planner.within(loop.variables, () => ({
    filter: loop.filter === undefined ? undefined : planner.step(loop.filter),
    body: planner.step(loop.body),
  }));
  const run = runners[loop.macro];
  const plan: LoopPlan = { range, first, second, filter, body };
  return (frame) => {
    const over = range(frame);
    if (isError(over)) return over;
    const items = itemsOf(over, loop.variables.length === 2);
    return items === undefined ? noSuchOverload : run(frame, plan, items);
  };
}

/** What the variables are bound to, step by step. */
interface Items {
  readonly length: number;
  first(index: number): Value;
  second(index: number): Value;
}

function itemsOf(range: Value, pairs: boolean): Items | undefined {
  if (range instanceof ListValue) return { length: range.length, first: (i) => (pairs ? i : range.at(i)), second: (i) => range.at(i) };
  if (!(range instanceof MapValue)) return undefined;
  const keys = range.keys();
  return { length: keys.length, first: (i) => keys[i] ?? null, second: (i) => range.get(keys[i] ?? null) ?? null };
}

/** Binds the variables of one step; the error of an item that cannot be read. */
function bind(frame: Frame, plan: LoopPlan, items: Items, index: number): CelError | undefined {
  const first = items.first(index);
  if (isError(first)) return first;
  frame.slots[plan.first] = first;
  if (plan.second === undefined) return undefined;
  const second = items.second(index);
  if (isError(second)) return second;
  frame.slots[plan.second] = second;
  return undefined;
}

type Runner = (frame: Frame, plan: LoopPlan, items: Items) => Value;

/** `all` stops at false, `exists` at true; errors count only if nothing stops it. */
const until = (stop: boolean, macro: LoopMacro): Runner => (frame, plan, items) => {
  let failure: Value | undefined;
  for (let i = 0; i < items.length; i++) {
    frame.spend(loopCosts[macro].step);
    const value = bind(frame, plan, items, i) ?? plan.body(frame);
    if (value === stop) { failure = undefined; frame.spend(loopCosts[macro].result); return stop; }
    if (typeof value !== "boolean") failure ??= isError(value) ? value : noSuchOverload;
  }
  frame.spend(loopCosts[macro].result);
  return failure ?? !stop;
};

const existsOne: Runner = (frame, plan, items) => {
  let count = 0;
  for (let i = 0; i < items.length; i++) {
    frame.spend(loopCosts.existsOne.step);
    const value = bind(frame, plan, items, i) ?? plan.body(frame);
    if (typeof value !== "boolean") return isError(value) ? value : noSuchOverload;
    if (value) { frame.spend(loopCosts.existsOne.taken); count++; }
  }
  frame.spend(loopCosts.existsOne.result);
  return count === 1;
};

/** The loops that collect: calls `keep` with each body's value, and returns its error if it makes one. */
function collect(frame: Frame, plan: LoopPlan, items: Items, macro: LoopMacro, keep: (value: Value, index: number) => CelError | undefined): CelError | undefined {
  const costs = loopCosts[macro];
  for (let i = 0; i < items.length; i++) {
    const broken = bind(frame, plan, items, i);
    if (broken !== undefined) return broken;
    frame.spend(costs.step);
    const wanted = plan.filter?.(frame) ?? true;
    if (typeof wanted !== "boolean") return isError(wanted) ? wanted : noSuchOverload;
    if (!wanted) continue;
    frame.spend(costs.taken);
    const value = plan.body(frame);
    const failure = isError(value) ? value : keep(value, i);
    if (failure !== undefined) return failure;
  }
  frame.spend(costs.result);
  return undefined;
}

const list = (macro: LoopMacro): Runner => (frame, plan, items) => {
  const made: Value[] = [];
  return collect(frame, plan, items, macro, (value) => { made.push(value); return undefined; }) ?? new ArrayList(made);
};

const filter: Runner = (frame, plan, items) => {
  const kept: Value[] = [];
  return collect(frame, { ...plan, filter: plan.body, body: (inner) => inner.slots[plan.first] ?? null }, items, "filter", (value) => { kept.push(value); return undefined; }) ?? new ArrayList(kept);
};

const transformMap: Runner = (frame, plan, items) => {
  const made: (readonly [Value, Value])[] = [];
  return collect(frame, plan, items, "transformMap", (value, i) => { made.push([items.first(i), value]); return undefined; }) ?? EntryMap.of(made);
};

const transformMapEntry: Runner = (frame, plan, items) => {
  const made: (readonly [Value, Value])[] = [];
  const failure = collect(frame, plan, items, "transformMapEntry", (value) => {
    if (!(value instanceof MapValue)) return noSuchOverload;
    for (const key of value.keys()) made.push([key, value.get(key) ?? null]);
    return undefined;
  });
  return failure ?? EntryMap.of(made);
};

const runners: Readonly<Record<LoopMacro, Runner>> = {
  all: until(false, "all"), exists: until(true, "exists"), existsOne, filter, transformMap, transformMapEntry,
  map: list("map"), transformList: list("transformList"),
};
