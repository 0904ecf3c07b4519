/** What tells two states of an object apart, by field. Upstream: structured-merge-diff typed/compare.go */
import { isRecord } from "../equal.ts";
import { emptySet, nodeOf, leaf, type FieldSet } from "./field-set.ts";
import { elementStep, fieldStep } from "./path-element.ts";
import { shapeOf, typeUnder, type ListType, type MapType, type Type } from "./types.ts";

export interface Comparison {
  /** Added or modified. */
  readonly changed: FieldSet;
  readonly removed: FieldSet;
}
interface Diff { readonly changed: FieldSet | undefined; readonly removed: FieldSet | undefined }

const added: Diff = { changed: leaf, removed: undefined };
const gone: Diff = { changed: undefined, removed: leaf };

/** From `old` to `next`; undefined stands for an object that is not there. */
export function compare(type: Type, old: unknown, next: unknown): Comparison {
  const diff = diffOf(type, old, next);
  return { changed: diff?.changed ?? emptySet, removed: diff?.removed ?? emptySet };
}

/** Undefined when the two are equal. */
function diffOf(type: Type, old: unknown, next: unknown): Diff | undefined {
  if (old === next) return undefined;
  const shape = shapeOf(type, next ?? old);
  if (shape.kind === "map" && !shape.atomic && isTree(isRecord, old, next)) return ofMaps(shape, old as Bag | undefined, next as Bag | undefined);
  if (shape.kind === "list" && shape.relation !== "atomic" && isTree(Array.isArray, old, next)) return ofLists(shape, old as List | undefined, next as List | undefined);
  if (old === undefined) return added;
  if (next === undefined) return gone;
  return sameValue(old, next) ? undefined : added;
}

type Bag = Record<string, unknown>;
type List = readonly unknown[];

/** Both may be walked, and there is something in one of them: two empty ones are leaves. */
function isTree(is: (value: unknown) => boolean, old: unknown, next: unknown): boolean {
  const fits = (value: unknown): boolean => value === undefined || value === null || is(value);
  return fits(old) && fits(next) && (holds(old) || holds(next));
}

function holds(value: unknown): boolean {
  for (const _ in value as object) return true;
  return false;
}

function ofMaps(map: MapType, old: Bag | undefined, next: Bag | undefined): Diff | undefined {
  const parts = new Parts();
  if (next) for (const key of Object.keys(next)) parts.add(fieldStep(key), diffUnder(map, key, own(old, key), next[key]));
  if (old) for (const key of Object.keys(old)) if (own(next, key) === undefined) parts.add(fieldStep(key), diffUnder(map, key, old[key], undefined));
  return parts.done(old === undefined, next === undefined);
}

const own = (bag: Bag | undefined | null, key: string): unknown => (bag && Object.hasOwn(bag, key) ? bag[key] : undefined);

function diffUnder(map: MapType, key: string, old: unknown, next: unknown): Diff | undefined {
  const type = typeUnder(map, key);
  return type === undefined ? undefined : diffOf(type, old, next);
}

function ofLists(list: ListType, old: List | undefined, next: List | undefined): Diff | undefined {
  const parts = new Parts();
  const before = byStep(list, old ?? []);
  const after = byStep(list, next ?? []);
  for (const [step, elements] of after) parts.add(step, ofElements(list.element, before.get(step), elements));
  for (const [step, elements] of before) if (!after.has(step)) parts.add(step, ofElements(list.element, elements, undefined));
  return parts.done(old === undefined, next === undefined);
}

/** Elements with the same identity; more than one only in objects from before there was a rule. */
function ofElements(type: Type, old: List | undefined, next: List | undefined): Diff | undefined {
  if ((old?.length ?? 0) < 2 && (next?.length ?? 0) < 2) return diffOf(type, old?.[0], next?.[0]);
  if (old === undefined) return added;
  if (next === undefined) return gone;
  return sameValue(old, next) ? undefined : added;
}

function byStep(list: ListType, elements: List): Map<string, unknown[]> {
  const found = new Map<string, unknown[]>();
  for (const element of elements) {
    const named = elementStep(list, element);
    if ("problem" in named) continue;
    const same = found.get(named.step);
    if (same === undefined) found.set(named.step, [element]);
    else same.push(element);
  }
  return found;
}

/** The differences below one node, gathered. */
class Parts {
  #changed: Record<string, FieldSet> | undefined;
  #removed: Record<string, FieldSet> | undefined;

  add(step: string, diff: Diff | undefined): void {
    if (diff?.changed !== undefined) (this.#changed ??= {})[step] = diff.changed;
    if (diff?.removed !== undefined) (this.#removed ??= {})[step] = diff.removed;
  }

  done(isNew: boolean, isGone: boolean): Diff | undefined {
    const changed = isNew ? nodeOf(true, this.#changed ?? emptySet) : this.#changed;
    const removed = isGone ? nodeOf(true, this.#removed ?? emptySet) : this.#removed;
    return changed === undefined && removed === undefined ? undefined : { changed, removed };
  }
}

/** Exact: absent, null and empty differ. Upstream: value.Equals */
function sameValue(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((item, i) => sameValue(item, b[i]));
  if (!isRecord(a) || !isRecord(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && sameValue(a[key], b[key]));
}
