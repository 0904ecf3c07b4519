/** Upstream: apiextensions-apiserver/pkg/apiserver/schema/defaulting */
import { isRecord } from "#apimachinery/equal.ts";
import { cloneJson, setOwn } from "#apimachinery/records.ts";
import { childOf, holds, type Structural } from "./structural.ts";

/** Fills what was left out, and what is null where it may not be. */
export function applyDefaults(value: unknown, schema: Structural): void {
  if ((schema.below & holds.defaults) === 0) return;
  if (Array.isArray(value)) fillItems(value, schema);
  else if (isRecord(value)) fillFields(value, schema);
}

function fillItems(list: unknown[], { items }: Structural): void {
  if (items === undefined) return;
  for (let i = 0; i < list.length; i++) {
    if (list[i] === null && !items.nullable && items.default !== undefined) list[i] = cloneJson(items.default);
    applyDefaults(list[i], items);
  }
}

function fillFields(obj: Record<string, unknown>, schema: Structural): void {
  for (const [name, property] of schema.properties ?? []) {
    if (property.default === undefined) continue;
    if (!Object.hasOwn(obj, name) || (obj[name] === null && !property.nullable)) setOwn(obj, name, cloneJson(property.default));
  }
  for (const key of Object.keys(obj)) {
    const child = childOf(schema, key);
    if (child !== undefined) applyDefaults(obj[key], child);
  }
}

/** Takes out fields that are null, may not be null, and have no default. Upstream: PruneNonNullableNullsWithoutDefaults */
export function pruneNulls(value: unknown, schema: Structural | undefined): void {
  if (schema === undefined) return;
  if (Array.isArray(value)) for (const item of value) pruneNulls(item, schema.items);
  else if (isRecord(value)) {
    for (const key of Object.keys(value)) {
      const child = childOf(schema, key);
      if (child !== undefined && value[key] === null && !child.nullable && child.default === undefined) delete value[key];
      else pruneNulls(value[key], child);
    }
  }
}
