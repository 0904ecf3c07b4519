import type { JSONSchemaProps } from "#api/gen/apiextensions-v1.ts";
import { isRecord } from "#apimachinery/equal.ts";
import { isStatus, type Cause } from "#apimachinery/status.ts";
import { invalidValue } from "#apimachinery/validation/causes.ts";
import { SchemaCompiler } from "../schema/compile.ts";
import { coerceEmbedded, validateEmbedded } from "../schema/object-meta.ts";
import { isPruned } from "../schema/prune.ts";
import { isMetaField } from "../schema/structural.ts";
import { validateValue } from "../schema/validate.ts";

/** Defaults must be valid, and nothing in them pruned. Upstream: apiserver/schema/defaulting ValidateDefaults */
export const validateDefaults = (schema: JSONSchemaProps, path: string): readonly Cause[] => walk(schema, path, { root: true, insideMeta: false }, new SchemaCompiler());

interface Place { readonly root: boolean; readonly insideMeta: boolean }

function walk(schema: JSONSchemaProps, path: string, place: Place, compiler: SchemaCompiler): readonly Cause[] {
  const embedded = place.root || schema["x-kubernetes-embedded-resource"] === true;
  const insideMeta = place.insideMeta && !embedded;
  const causes = schema.default === undefined ? [] : [...check(schema, `${path}.default`, insideMeta, compiler)];
  if (isRecord(schema.items)) causes.push(...walk(schema.items, `${path}.items`, { root: false, insideMeta }, compiler));
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    causes.push(...walk(property, `${path}.properties[${name}]`, { root: false, insideMeta: insideMeta || (embedded && isMetaField(name)) }, compiler));
  }
  return causes;
}

function check(schema: JSONSchemaProps, path: string, insideMeta: boolean, compiler: SchemaCompiler): readonly Cause[] {
  const node = compiler.compile(schema);
  if (insideMeta) return validateValue(schema.default, node, undefined, path);
  const unknown = isPruned(schema.default, node) ? [] : [invalidValue(path, schema.default, "must not have unknown fields")];
  const copy = structuredClone(schema.default);
  try {
    coerceEmbedded(copy, node, path);
  } catch (err) {
    if (isStatus(err, "BadRequest")) return [...unknown, invalidValue(path, schema.default, err.message)];
    throw err;
  }
  const meta = validateEmbedded(copy, node, path);
  return [...unknown, ...(meta.length > 0 ? meta : validateValue(copy, node, undefined, path))];
}
