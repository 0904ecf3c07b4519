/** Metadata of resources, at the root and embedded. Upstream: apiextensions-apiserver/pkg/apiserver/schema/objectmeta */
import { decode } from "#apimachinery/decode.ts";
import { isRecord } from "#apimachinery/equal.ts";
import type { ObjectMeta } from "#apimachinery/meta.ts";
import { badRequest, isStatus, type Cause } from "#apimachinery/status.ts";
import { eachInvalid, invalidValue, required } from "#apimachinery/validation/causes.ts";
import { validateObjectMeta } from "#apimachinery/validation/metadata.ts";
import { dns1035Label, pathSegment } from "#apimachinery/validation/names.ts";
import { apiSchema } from "#api/schema.ts";
import { childOf, holds, type Structural } from "./structural.ts";

export interface CoercedMeta { readonly metadata: Record<string, unknown>; readonly unknown: readonly string[] }

/** Metadata in canonical form, and the paths of fields that it may not have. Throws BadRequest for a field of another type. */
export function coerceMeta(metadata: unknown, path: string): CoercedMeta {
  const { object, unknown } = decode(apiSchema, "meta/v1.ObjectMeta", metadata);
  return { metadata: object, unknown: unknown.map((text) => text.replace(/^unknown field "/, "").replace(/"$/, "")).map((field) => `${path}.${field}`) };
}

/** Makes the metadata of every embedded resource canonical; answers the paths of unknown fields. Throws BadRequest. */
export function coerceEmbedded(value: unknown, schema: Structural, path = ""): readonly string[] {
  if ((schema.below & holds.embedded) === 0) return [];
  if (Array.isArray(value)) return schema.items === undefined ? [] : value.flatMap((item, i) => coerceEmbedded(item, schema.items as Structural, `${path}[${i}]`));
  if (!isRecord(value)) return [];
  const unknown: string[] = [];
  for (const key of Object.keys(value)) {
    const at = path === "" ? key : `${path}.${key}`;
    if (schema.embedded) unknown.push(...coerceField(value, key, at));
    const child = childOf(schema, key);
    if (child !== undefined) unknown.push(...coerceEmbedded(value[key], child, at));
  }
  return unknown;
}

function coerceField(resource: Record<string, unknown>, key: string, at: string): readonly string[] {
  const value = resource[key];
  if ((key === "apiVersion" || key === "kind") && typeof value !== "string") throw refused(invalidValue(at, value, "must be a string"));
  if (key !== "metadata") return [];
  try {
    const { metadata, unknown } = coerceMeta(value, at);
    resource[key] = metadata;
    return unknown;
  } catch (err) {
    if (isStatus(err, "BadRequest")) throw refused(invalidValue(at, value, err.message));
    throw err;
  }
}

const refused = ({ field, message }: Cause): Error => badRequest(`${field}: ${message}`);

/** @param root the value is a resource whatever its schema says */
export function validateEmbedded(value: unknown, schema: Structural, path = "", root = false): readonly Cause[] {
  if (!root && (schema.below & holds.embedded) === 0) return [];
  if (Array.isArray(value)) return schema.items === undefined ? [] : value.flatMap((item, i) => validateEmbedded(item, schema.items as Structural, `${path}[${i}]`));
  if (!isRecord(value)) return [];
  const causes = schema.embedded || root ? [...validateResource(value, path)] : [];
  for (const key of Object.keys(value)) {
    const property = schema.properties?.get(key);
    const child = childOf(schema, key);
    if (child !== undefined) causes.push(...validateEmbedded(value[key], child, property === undefined ? `${path}[${key}]` : join(path, key)));
  }
  return causes;
}

const join = (path: string, key: string): string => (path === "" ? key : `${path}.${key}`);
const segmentName = (name: string, prefix: boolean): readonly string[] => pathSegment(name, prefix);

function validateResource(resource: Record<string, unknown>, path: string): readonly Cause[] {
  const { apiVersion, kind, metadata } = resource;
  return [
    ...text(join(path, "apiVersion"), apiVersion, (version) => (version.split("/").length > 2 ? [`unexpected GroupVersion string: ${version}`] : [])),
    ...text(join(path, "kind"), kind, (name) => {
      const messages = dns1035Label(name.toLowerCase());
      return messages.length === 0 ? [] : [`may have mixed case, but should otherwise match: ${messages.join(",")}`];
    }),
    ...(metadata === undefined ? [] : validateMeta(metadata, join(path, "metadata"))),
  ];
}

function text(path: string, value: unknown, check: (value: string) => readonly string[]): readonly Cause[] {
  if (value === undefined) return [required(path, "must not be empty")];
  if (typeof value !== "string") return [invalidValue(path, value, "must be a string")];
  return value === "" ? [invalidValue(path, value, "must not be empty")] : eachInvalid(path, value, check(value));
}

function validateMeta(metadata: unknown, path: string): readonly Cause[] {
  try {
    const meta = { name: "", ...decode(apiSchema, "meta/v1.ObjectMeta", metadata).object } as ObjectMeta;
    return validateObjectMeta({ ...meta, name: meta.name || "fakename" }, { namespaced: meta.namespace !== undefined, validateName: segmentName }, path);
  } catch (err) {
    if (isStatus(err, "BadRequest")) return [invalidValue(path, metadata, err.message)];
    throw err;
  }
}
