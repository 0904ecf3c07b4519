/** Rules over lists of this group. Upstream: pkg/apis/resource/validation validateSlice, validateSet */
import type { Cause } from "#apimachinery/status.ts";
import { duplicate, tooMany } from "#apimachinery/validation/causes.ts";

/** Each item is good; of too many none is looked at. */
export function validateList<T>(items: readonly T[] | undefined, most: number, field: string, check: (item: T, field: string) => readonly Cause[]): readonly Cause[] {
  if ((items?.length ?? 0) > most) return [tooMany(field, items?.length ?? 0, most)];
  return (items ?? []).flatMap((item, i) => check(item, `${field}[${i}]`));
}

/** What stands twice; of too many nothing is said. */
export function repeated<T>(items: readonly T[] | undefined, most: number, keyOf: (item: T) => string, field: string): readonly Cause[] {
  if ((items?.length ?? 0) > most) return [];
  return (items ?? []).flatMap((item, i, all) => (all.findIndex((other) => keyOf(other) === keyOf(item)) < i ? [duplicate(`${field}[${i}]`, keyOf(item))] : []));
}
