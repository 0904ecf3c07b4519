/** The words of a strategic merge patch that begin with `$`. */
import { isRecord } from "../equal.ts";
import { setOwn } from "../records.ts";
import { badRequest } from "../status.ts";
import { notAList } from "./errors.ts";

const orderPrefix = "$setElementOrder";
const deletePrefix = "$deleteFromPrimitiveList";

/** True for a key that is a directive, not a field. `$schema` and `$ref` of a JSON schema are fields. */
export const isDirective = (key: string): boolean => key === "$patch" || key === "$retainKeys" || key.startsWith(orderPrefix) || key.startsWith(deletePrefix);

/** The directives of one map of a patch, `$patch` aside. Throws in upstream's words where one is malformed. */
export class Directives {
  /** Field → how its elements are ordered. */
  readonly orders: ReadonlyMap<string, readonly unknown[]>;
  /** Field → primitives to take out; null takes the whole list. */
  readonly deletions: ReadonlyMap<string, unknown>;
  readonly #retained: readonly unknown[] | undefined;

  constructor(map: Record<string, unknown>) {
    this.#retained = retainedOf(map);
    this.orders = new Map(under(orderPrefix, map, "invalid patch format of setElementOrder list").map(([key, order]) => [key, asList(order)]));
    this.deletions = new Map(under(deletePrefix, map, "invalid patch format of primitive list"));
  }

  /** Takes out of `original` what `$retainKeys` does not name. */
  retainOnly(original: Record<string, unknown>): void {
    const keep = this.#retained;
    if (keep !== undefined) for (const key of Object.keys(original)) if (!keep.includes(key)) delete original[key];
  }
}

/** Throws where it is none. */
export function asList(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw notAList(value);
}

/** Field and value of the directives that begin so. Upstream: strategicpatch extractKey */
function under(prefix: string, map: Record<string, unknown>, complaint: string): [field: string, value: unknown][] {
  return Object.entries(map).filter(([key]) => key.startsWith(prefix)).map(([key, value]) => {
    if (!key.startsWith(`${prefix}/`)) throw badRequest(complaint);
    return [key.slice(prefix.length + 1), value];
  });
}

function retainedOf(map: Record<string, unknown>): readonly unknown[] | undefined {
  const keep = map["$retainKeys"];
  if (keep === undefined) return undefined;
  const fields = Object.keys(map).filter((key) => !isDirective(key) && map[key] !== null);
  if (!Array.isArray(keep) || !fields.every((key) => keep.includes(key))) throw badRequest("invalid patch format of retainKeys");
  return keep;
}

/** True for a map of a patch that says what to do, with `$patch`. */
export const isInstruction = (value: unknown): value is Record<string, unknown> => isRecord(value) && Object.hasOwn(value, "$patch");

/** A value of a patch that is new to the document: without nulls, without directives and what they stand in. Upstream: strategicpatch removeDirectives, discardNullValuesFromPatch */
export function withoutDirectives(value: unknown): unknown {
  if (Array.isArray(value)) return value.filter((item) => !isInstruction(item)).map(withoutDirectives);
  if (!isRecord(value)) return value;
  const result: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) if (!isDirective(key) && item !== null && !isInstruction(item)) setOwn(result, key, withoutDirectives(item));
  return result;
}
