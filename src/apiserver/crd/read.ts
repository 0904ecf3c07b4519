/** From JSON to the canonical form of a custom resource. Upstream: apiextensions-apiserver/pkg/apiserver/customresource_handler.go unstructuredSchemaCoercer, unstructuredDefaulter */
import type { Decoded } from "#apimachinery/decode.ts";
import type { KubeObject } from "#apimachinery/meta.ts";
import { cloneJson, setOwn } from "#apimachinery/records.ts";
import { applyDefaults, pruneNulls } from "./schema/defaulting.ts";
import { coerceEmbedded, coerceMeta } from "./schema/object-meta.ts";
import { prune } from "./schema/prune.ts";
import { isMetaField, type Structural } from "./schema/structural.ts";

/** A body without what its schema does not have, and with its defaults. Throws BadRequest. */
export function readBody(value: Record<string, unknown>, schema: Structural): Decoded {
  const { metadata, unknown } = coerceMeta(value["metadata"] ?? {}, "metadata");
  const object = structured(value, metadata);
  const unknownFields = [...prune(object, schema)];
  pruneNulls(object, schema);
  unknownFields.push(...coerceEmbedded(object, schema), ...unknown);
  applyDefaults(object, schema);
  return { object, unknown: unknownFields.toSorted().map((path) => `unknown field "${path}"`) };
}

/** kind and apiVersion first, then metadata, then the rest: see cacher/encoding.ts. The input stays as it is. */
function structured(value: Record<string, unknown>, metadata: Record<string, unknown>): Record<string, unknown> {
  const object: Record<string, unknown> = { kind: value["kind"], apiVersion: value["apiVersion"], metadata };
  for (const key of Object.keys(value)) if (!isMetaField(key)) setOwn(object, key, cloneJson(value[key]));
  return object;
}

/** A stored object as its definition sees it now. Changes the object. */
export function readStored(obj: KubeObject, schema: Structural): void {
  const loose = obj as unknown as Record<string, unknown>;
  prune(loose, schema);
  pruneNulls(loose, schema);
  coerceEmbedded(loose, schema);
  applyDefaults(loose, schema);
}
