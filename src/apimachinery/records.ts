/** Plain objects as bags of users' keys: `__proto__` and `constructor` are keys like any other. */

/** Assigns an own property, whatever its name. */
export function setOwn(target: Record<string, unknown>, key: string, value: unknown): void {
  if (key === "__proto__") Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
  else target[key] = value;
}

/** The own property, or undefined. */
export const getOwn = (source: Record<string, unknown>, key: string): unknown => (Object.hasOwn(source, key) ? source[key] : undefined);

/** A deep copy of a JSON value; several times quicker than structuredClone. */
export function cloneJson<T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(cloneJson) as T;
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(value)) setOwn(copy, key, cloneJson((value as Record<string, unknown>)[key]));
  return copy as T;
}
