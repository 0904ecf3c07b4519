/** Rules over lists of this group. Upstream: pkg/apis/resource/validation validateSlice, validateSet */
import type { Cause } from "#apimachinery/status.ts";
import { duplicate, tooMany } from "#apimachinery/validation/causes.ts";

/** Each item is good, and there are not too many. */
export const validateList = <T>(items: readonly T[] | undefined, most: number, field: string, check: (item: T, field: string) => readonly Cause[]): readonly Cause[] => [
  ...(items ?? []).flatMap((item, i) => check(item, `${field}[${i}]`)),
  ...((items?.length ?? 0) > most ? [tooMany(field, items?.length ?? 0, most)] : []),
];

/** What stands twice. @param part the field that tells items apart; empty for items that are their own key */
export const repeated = <T>(items: readonly T[] | undefined, keyOf: (item: T) => string, field: string, part = ""): readonly Cause[] => (items ?? []).flatMap((item, i, all) =>
  (all.findIndex((other) => keyOf(other) === keyOf(item)) < i ? [duplicate(`${field}[${i}]${part === "" ? "" : `.${part}`}`, keyOf(item))] : []));
