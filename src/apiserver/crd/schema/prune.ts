import { isRecord } from "#apimachinery/equal.ts";
import { cloneJson } from "#apimachinery/records.ts";
import { childOf, isMetaField, type Structural } from "./structural.ts";

/**
 * Takes out of `obj` all that its schema does not have; answers the paths of what went, sorted.
 * The root's apiVersion, kind and metadata stay. Upstream: apiextensions-apiserver/pkg/apiserver/schema/pruning
 */
export function prune(obj: Record<string, unknown>, schema: Structural): readonly string[] {
  const gone: string[] = [];
  pruneRecord(obj, schema, { keep: false, meta: true }, "", gone);
  return gone.toSorted();
}

/** True when a value within an object, such as a default, has nothing that its schema does not have. */
export function isPruned(value: unknown, schema: Structural): boolean {
  const gone: string[] = [];
  pruneValue(cloneJson(value), schema, false, "", gone);
  return gone.length === 0;
}

/** @param keep within a list that keeps what it does not know, its items do so too */
function pruneValue(value: unknown, schema: Structural | undefined, keep: boolean, path: string, gone: string[]): void {
  if (Array.isArray(value)) value.forEach((item, i) => pruneValue(item, schema?.items, keep || schema?.preserve === true, `${path}[${i}]`, gone));
  else if (isRecord(value)) pruneRecord(value, schema, { keep, meta: schema?.embedded ?? false }, path, gone);
}

function pruneRecord(obj: Record<string, unknown>, schema: Structural | undefined, { keep, meta }: { readonly keep: boolean; readonly meta: boolean }, path: string, gone: string[]): void {
  const keeps = keep || schema?.preserve === true;
  for (const key of Object.keys(obj)) {
    if (meta && isMetaField(key)) continue;
    const at = path === "" ? key : `${path}.${key}`;
    const child = schema === undefined ? undefined : childOf(schema, key);
    if (child !== undefined) pruneValue(obj[key], child, false, at, gone);
    else if (keeps) continue;
    else if (schema?.additional !== undefined) pruneValue(obj[key], undefined, false, at, gone);
    else {
      delete obj[key];
      gone.push(at);
    }
  }
}
