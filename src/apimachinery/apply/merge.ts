/** An applied configuration laid over the live object. Upstream: structured-merge-diff typed/merge.go */
import { isRecord } from "../equal.ts";
import { getOwn, setOwn } from "../records.ts";
import { elementStep } from "./path-element.ts";
import { shapeOf, typeUnder, type ListType, type MapType, type Type } from "./types.ts";

/** A new value which may share parts with both; what `applied` states wins. */
export function merge(type: Type, live: unknown, applied: unknown): unknown {
  if (applied === undefined) return live;
  const shape = shapeOf(type, applied);
  if (shape.kind === "map" && !shape.atomic && isRecord(live) && isRecord(applied)) return mergeMaps(shape, live, applied);
  if (shape.kind === "list" && shape.relation !== "atomic" && Array.isArray(live) && Array.isArray(applied)) return mergeLists(shape, live, applied);
  return applied;
}

function mergeMaps(map: MapType, live: Record<string, unknown>, applied: Record<string, unknown>): Record<string, unknown> {
  const result = { ...live };
  for (const key of Object.keys(applied)) {
    const type = typeUnder(map, key);
    setOwn(result, key, type === undefined ? applied[key] : merge(type, getOwn(live, key), applied[key]));
  }
  return result;
}

interface Element { readonly step: string; readonly value: unknown }

/**
 * Elements that both have stand in the order of the configuration; what only the live object has keeps its place among them.
 * Upstream: mergingWalker visitListItems
 */
function mergeLists(list: ListType, live: readonly unknown[], applied: readonly unknown[]): unknown[] {
  const [before, wanted] = [elementsOf(list, live), elementsOf(list, applied)];
  const liveSteps = firstBySteps(before);
  const wantedSteps = new Set(wanted.map((e) => e.step));
  const shared = wanted.filter((e) => liveSteps.has(e.step)).map((e) => e.step);
  const result: unknown[] = [];
  const done = new Set<string>();
  const take = ({ step, value }: Element): void => {
    done.add(step);
    if (shared[0] === step) shared.shift();
    result.push(merge(list.element, liveSteps.get(step), value));
  };
  let [left, right] = [0, 0];
  while (left < before.length || right < wanted.length) {
    const [mine, theirs] = [before[left], wanted[right]];
    if (mine !== undefined && mine.step === theirs?.step) { take(theirs); left++; right++; }
    else if (mine !== undefined && theirs !== undefined && wantedSteps.has(mine.step) && shared[0] !== undefined && shared[0] !== mine.step) left++; // shared, and not its turn
    else if (mine !== undefined && !wantedSteps.has(mine.step)) { result.push(mine.value); left++; }
    else {
      if (mine !== undefined && done.has(mine.step)) left++;
      if (theirs !== undefined) { take(theirs); right++; }
    }
  }
  return result;
}

function elementsOf(list: ListType, values: readonly unknown[]): Element[] {
  return values.flatMap((value) => {
    const found = elementStep(list, value);
    return "problem" in found ? [] : [{ step: found.step, value }];
  });
}

function firstBySteps(elements: readonly Element[]): ReadonlyMap<string, unknown> {
  const found = new Map<string, unknown>();
  for (const { step, value } of elements) if (!found.has(step)) found.set(step, value);
  return found;
}
