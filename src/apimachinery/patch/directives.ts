/** The words of a strategic merge patch that begin with `$`. */
import { isRecord } from "../equal.ts";
import { setOwn } from "../records.ts";
import { badRequest } from "../status.ts";

export const orderPrefix = "$setElementOrder/";
export const deletePrefix = "$deleteFromPrimitiveList/";

/** True for a key that is a directive, not a field. `$schema` and `$ref` of a JSON schema are fields. */
export const isDirective = (key: string): boolean => key === "$patch" || key === "$retainKeys" || key.startsWith(orderPrefix) || key.startsWith(deletePrefix);

/** The directives of one map of a patch. Throws BadRequest in upstream's words where one is malformed. */
export class Directives {
  readonly patch: unknown;
  /** Field → how its elements are ordered. */
  readonly orders: ReadonlyMap<string, readonly unknown[]>;
  /** Field → primitives to take out. */
  readonly deletions: ReadonlyMap<string, readonly unknown[]>;
  readonly #retained: readonly unknown[] | undefined;

  constructor(map: Record<string, unknown>) {
    this.patch = map["$patch"];
    this.orders = listsUnder(orderPrefix, map, "invalid patch format of setElementOrder list");
    this.deletions = listsUnder(deletePrefix, map, "invalid patch format of primitive list");
    this.#retained = retainedOf(map);
  }

  /** Takes out of `original` what `$retainKeys` does not name. */
  retainOnly(original: Record<string, unknown>): void {
    const keep = this.#retained;
    if (keep !== undefined) for (const key of Object.keys(original)) if (!keep.includes(key)) delete original[key];
  }
}

function listsUnder(prefix: string, map: Record<string, unknown>, complaint: string): ReadonlyMap<string, readonly unknown[]> {
  const lists = new Map<string, readonly unknown[]>();
  for (const [key, value] of Object.entries(map)) {
    if (!key.startsWith(prefix)) continue;
    if (!Array.isArray(value)) throw badRequest(complaint);
    lists.set(key.slice(prefix.length), value);
  }
  return lists;
}

function retainedOf(map: Record<string, unknown>): readonly unknown[] | undefined {
  const keep = map["$retainKeys"];
  if (keep === undefined) return undefined;
  const fields = Object.keys(map).filter((key) => !isDirective(key) && map[key] !== null);
  if (!Array.isArray(keep) || !fields.every((key) => keep.includes(key))) throw badRequest("invalid patch format of retainKeys");
  return keep;
}

/** A value of a patch that is new to the document: without directives, nulls and elements to delete. */
export function withoutDirectives(value: unknown): unknown {
  if (Array.isArray(value)) return value.filter((item) => !isRecord(item) || !Object.hasOwn(item, "$patch")).map(withoutDirectives);
  if (!isRecord(value)) return value;
  const result: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) if (!isDirective(key) && item !== null) setOwn(result, key, withoutDirectives(item));
  return result;
}
