/** Which old value stood where a new one stands. Upstream: apiserver/pkg/cel/common CorrelatedObject */
import { isRecord, sameJson } from "#apimachinery/equal.ts";
import { keysOf } from "./list-types.ts";

/** What a schema says of how its old and new values belong together. */
export interface Correlated { readonly atomicMap: boolean; readonly listType: string | undefined; readonly listKeys: readonly string[] }

/** Undefined: there was none, or it is not known which. */
export type Old = { readonly value: unknown } | undefined;

export function oldField({ atomicMap }: Correlated, old: Old, key: string): Old {
  if (old === undefined || atomicMap || !isRecord(old.value) || !Object.hasOwn(old.value, key)) return undefined;
  return { value: old.value[key] };
}

/** Items of maps are found by their keys; those of other lists are not the same from one time to the next. */
export function oldItem({ listType, listKeys }: Correlated, old: Old, item: unknown): Old {
  if (old === undefined || listType !== "map" || !Array.isArray(old.value)) return undefined;
  const keys = keysOf(item, listKeys);
  const found = (old.value as readonly unknown[]).find((candidate) => sameJson(keysOf(candidate, listKeys), keys));
  return found === undefined ? undefined : { value: found };
}
