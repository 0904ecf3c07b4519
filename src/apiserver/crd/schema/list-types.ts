/** Lists that are sets or maps hold nothing twice. Upstream: apiextensions-apiserver/pkg/apiserver/schema/listtype */
import { isRecord } from "#apimachinery/equal.ts";
import type { Cause } from "#apimachinery/status.ts";
import { duplicate, invalidValue } from "#apimachinery/validation/causes.ts";
import { canonicalJson } from "./canonical.ts";
import { holds, type Structural } from "./structural.ts";

export function validateLists(value: unknown, schema: Structural, path = ""): readonly Cause[] {
  if ((schema.below & holds.listRules) === 0) return [];
  if (Array.isArray(value)) {
    const { items } = schema;
    return [...validateList(value, schema, path), ...(items === undefined ? [] : value.flatMap((item, i) => validateLists(item, items, `${path}[${i}]`)))];
  }
  return isRecord(value) ? validateFields(value, schema, path) : [];
}

function validateFields(value: Record<string, unknown>, { additional, properties }: Structural, path: string): readonly Cause[] {
  return Object.keys(value).flatMap((key) => {
    const property = properties?.get(key);
    if (property !== undefined) return validateLists(value[key], property, path === "" ? key : `${path}.${key}`);
    return typeof additional === "object" ? validateLists(value[key], additional, `${path}[${key}]`) : [];
  });
}

function validateList(list: readonly unknown[], { listType, listKeys }: Structural, path: string): readonly Cause[] {
  if (listType === "set") return repeated(list).map((i) => duplicate(`${path}[${i}]`, list[i]));
  if (listType !== "map") return [];
  const other = list.findIndex((item) => item !== null && !isRecord(item));
  if (other >= 0) return [invalidValue(`${path}[${other}]`, list[other], "must be an object for an array of list-type map")];
  const keys = list.map((item) => keysOf(item, listKeys));
  return repeated(keys).map((i) => duplicate(`${path}[${i}]`, keys[i]));
}

/** The key fields of a map's item, as far as it has them. */
export const keysOf = (item: unknown, listKeys: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(listKeys.filter((key) => isRecord(item) && Object.hasOwn(item, key)).map((key) => [key, (item as Record<string, unknown>)[key]]));

/** Indexes of the first repetition of each item. */
function repeated(list: readonly unknown[]): readonly number[] {
  if (list.length < 2) return [];
  const seen = new Map<string, number>();
  return list.flatMap((item, i) => {
    const text = canonicalJson(item);
    const times = (seen.get(text) ?? 0) + 1;
    seen.set(text, times);
    return times === 2 ? [i] : [];
  });
}
