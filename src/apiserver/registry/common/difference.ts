import { isRecord, semanticEqual } from "#apimachinery/equal.ts";

/**
 * What differs between two JSON values, one line for each leaf: `-path: old`, `+path: new`.
 * Stands where upstream prints the diff of the Go structs.
 */
export function difference(old: unknown, next: unknown): string {
  return lines("", old, next).join("\n");
}

function lines(path: string, old: unknown, next: unknown): readonly string[] {
  if (semanticEqual(old, next)) return [];
  if (isRecord(old) && isRecord(next)) {
    return [...new Set([...Object.keys(old), ...Object.keys(next)])].sort().flatMap((key) => lines(path === "" ? key : `${path}.${key}`, old[key], next[key]));
  }
  if (Array.isArray(old) && Array.isArray(next)) {
    return Array.from({ length: Math.max(old.length, next.length) }, (_, i) => lines(`${path}[${i}]`, old[i], next[i])).flat();
  }
  const line = (sign: string, value: unknown): readonly string[] => (value === undefined ? [] : [`${sign}${path}: ${JSON.stringify(value)}`]);
  return [...line("-", old), ...line("+", next)];
}
