/**
 * Sets of fields, in the very form in which objects carry them (`FieldsV1`): a tree whose steps are `f:name`,
 * `k:{"key":value}`, `v:value` and `i:index`. A step without steps below it is a member of the set; one with steps
 * below it is a member when `.` stands among them. Immutable: an operation that changes nothing gives its argument back.
 * Upstream: structured-merge-diff fieldpath/set.go, serialize.go
 */
export interface FieldSet { readonly [step: string]: FieldSet }

export const emptySet: FieldSet = {};
/** A member with nothing below it. */
export const leaf: FieldSet = {};
const self = ".";

export function isEmptySet(set: FieldSet): boolean {
  for (const _ in set) return false;
  return true;
}

/** Whether the path that leads to this node is in the set. The root of a set is no member. */
export const isMember = (node: FieldSet): boolean => node[self] !== undefined || isEmptySet(node);

/** A node out of its parts; undefined when there is nothing in it. */
export function nodeOf(member: boolean, below: FieldSet): FieldSet | undefined {
  if (isEmptySet(below)) return member ? leaf : undefined;
  return member ? { [self]: leaf, ...below } : below;
}

/** What lies below a node, as a set of its own. */
export function below(node: FieldSet): FieldSet {
  if (node[self] === undefined) return node;
  const { [self]: _, ...rest } = node;
  return rest;
}

/** Steps of a node without the mark of its own membership. */
export const stepsOf = (node: FieldSet): string[] => Object.keys(node).filter((step) => step !== self);

/** All members of either. */
export function union(a: FieldSet, b: FieldSet): FieldSet {
  if (a === b || isEmptySet(b)) return a;
  if (isEmptySet(a)) return b;
  return withSteps(a, b);
}

function withSteps(a: FieldSet, b: FieldSet): FieldSet {
  let result: Record<string, FieldSet> | undefined;
  for (const step of Object.keys(b)) {
    const [mine, theirs] = [a[step], b[step] ?? leaf];
    const both = mine === undefined ? theirs : step === self ? mine : joined(mine, theirs);
    if (both !== mine) (result ??= { ...a })[step] = both;
  }
  return result ?? a;
}

function joined(a: FieldSet, b: FieldSet): FieldSet {
  if (isEmptySet(b)) return isMember(a) ? a : { [self]: leaf, ...a };
  return isEmptySet(a) ? (isMember(b) ? b : { [self]: leaf, ...b }) : withSteps(a, b);
}

/** The members of `a` that are not in `b`. */
export const difference = (a: FieldSet, b: FieldSet): FieldSet => without(a, b, false);
/** The members of `a` that are neither in `b` nor anywhere below a member of `b`. */
export const differenceBelow = (a: FieldSet, b: FieldSet): FieldSet => without(a, b, true);

function without(a: FieldSet, b: FieldSet, deep: boolean): FieldSet {
  let result: Record<string, FieldSet> | undefined;
  for (const step of Object.keys(b)) {
    const mine = step === self ? undefined : a[step];
    if (mine === undefined) continue;
    const kept = nodeWithout(mine, b[step] ?? leaf, deep);
    if (kept === mine) continue;
    result ??= { ...a };
    if (kept === undefined) delete result[step];
    else result[step] = kept;
  }
  return result ?? a;
}

function nodeWithout(a: FieldSet, b: FieldSet, deep: boolean): FieldSet | undefined {
  const struck = isMember(b);
  if (struck && deep) return undefined;
  const rest = without(a, b, deep);
  if (struck && isMember(a)) return isEmptySet(a) ? undefined : nodeOf(false, below(rest));
  return rest === a ? a : nodeOf(isMember(a), below(rest));
}

/** The members of both. */
export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  const result: Record<string, FieldSet> = {};
  for (const step of stepsOf(a)) {
    const [mine, theirs] = [a[step] ?? leaf, b[step]];
    if (theirs === undefined) continue;
    const both = nodeOf(isMember(mine) && isMember(theirs), intersection(mine, theirs));
    if (both !== undefined) result[step] = both;
  }
  return result;
}

/** True when both have the same members. */
export const sameSet = (a: FieldSet, b: FieldSet): boolean => a === b || (isEmptySet(difference(a, b)) && isEmptySet(difference(b, a)));

/** Every member's steps, those nearer to the root first. */
export function pathsOf(set: FieldSet, prefix: readonly string[] = []): (readonly string[])[] {
  const steps = stepsOf(set).sort();
  const here = steps.filter((step) => isMember(set[step] ?? leaf)).map((step) => [...prefix, step]);
  return [...here, ...steps.flatMap((step) => pathsOf(set[step] ?? leaf, [...prefix, step]))];
}

/** The set of the given paths of field names. */
export const setOf = (...paths: readonly (readonly string[])[]): FieldSet =>
  paths.reduce<FieldSet>((set, names) => union(set, names.reduceRight<FieldSet>((node, name) => ({ [`f:${name}`]: node }), leaf)), emptySet);

/** The same set with its steps in order, as upstream writes them. */
export function sorted(set: FieldSet): FieldSet {
  const result: Record<string, FieldSet> = {};
  for (const step of Object.keys(set).sort()) result[step] = sorted(set[step] ?? leaf);
  return result;
}
