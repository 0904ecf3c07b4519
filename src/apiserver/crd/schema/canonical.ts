import { isRecord } from "#apimachinery/equal.ts";

/** A text of a JSON value that does not depend on the order of its keys: equal values have equal texts. */
export const canonicalJson = (value: unknown): string => JSON.stringify(sorted(value));

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  return isRecord(value) ? { "": Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, item]) => [key, sorted(item)]) } : value;
}
