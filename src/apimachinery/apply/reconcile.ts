/** Owned fields under a type that has changed since they were written. Upstream: structured-merge-diff typed/reconcile_schema.go */
import { fieldSetOf } from "./field-set-of.ts";
import { below, emptySet, isEmptySet, leaf, nodeOf, stepsOf, type FieldSet } from "./field-set.ts";
import { shapeOf, typeUnder, type Shape, type Type } from "./types.ts";

/**
 * The set as it would have been written today: what has become atomic is owned as a whole, and of what has become
 * granular every part that `live` holds. Gives `set` back where nothing has changed.
 */
export function reconciled(type: Type, live: unknown, set: FieldSet): FieldSet {
  let stated: FieldSet | undefined;
  return children(type, set, (steps) => steps.reduce<FieldSet | undefined>((node, step) => node?.[step], (stated ??= fieldSetOf(type, live))), []);
}

type Stated = (path: readonly string[]) => FieldSet | undefined;

function node(type: Type, owned: FieldSet, stated: Stated, path: readonly string[]): FieldSet {
  if (type.kind === "scalar" || (type.kind === "open" && !type.atomic)) return owned;
  const shape = shapeOf(type, undefined);
  if (isAtomic(shape)) return isEmptySet(owned) ? owned : leaf;
  if (!isEmptySet(owned)) return children(shape, owned, stated, path);
  const parts = below(stated(path) ?? emptySet);
  return isEmptySet(parts) ? owned : (nodeOf(true, parts) ?? leaf);
}

const isAtomic = (shape: Shape): boolean => (shape.kind === "list" ? shape.relation === "atomic" : shape.kind === "map" && shape.atomic);

function children(type: Type, owned: FieldSet, stated: Stated, path: readonly string[]): FieldSet {
  let result: Record<string, FieldSet> | undefined;
  for (const step of stepsOf(owned)) {
    const [before, inner] = [owned[step] ?? leaf, typeAt(type, step)];
    const after = inner === undefined ? before : node(inner, before, stated, [...path, step]);
    if (after !== before) (result ??= { ...owned })[step] = after;
  }
  return result ?? owned;
}

/** Undefined for what the type no longer has. */
function typeAt(type: Type, step: string): Type | undefined {
  const shape = shapeOf(type, undefined);
  if (shape.kind === "list") return shape.element;
  return shape.kind === "map" && step.startsWith("f:") ? typeUnder(shape, step.slice(2)) : undefined;
}
