import { isRecord } from "../equal.ts";
import { cloneJson, getOwn, setOwn } from "../records.ts";
import { badRequest } from "../status.ts";

/** JSON merge patch, RFC 7386. A new document; `doc` stays as it is. Throws BadRequest when `patch` is no object. */
export function applyMergePatch(doc: unknown, patch: unknown): Record<string, unknown> {
  return merge(isRecord(doc) ? doc : {}, asPatch(patch));
}

/** Throws BadRequest in Go's words for a patch that is not an object. */
export function asPatch(patch: unknown): Record<string, unknown> {
  if (isRecord(patch)) return patch;
  if (patch === null) throw badRequest("Invalid JSON Patch");
  throw badRequest(`json: cannot unmarshal ${Array.isArray(patch) ? "array" : typeof patch === "boolean" ? "bool" : typeof patch} into Go value of type map[string]interface {}`);
}

function merge(doc: Record<string, unknown>, patch: Record<string, unknown>): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const key of Object.keys(doc)) if (getOwn(patch, key) !== null) setOwn(result, key, Object.hasOwn(patch, key) ? merged(doc[key], patch[key]) : cloneJson(doc[key]));
  for (const key of Object.keys(patch)) if (!Object.hasOwn(doc, key) && patch[key] !== null) setOwn(result, key, merged(undefined, patch[key]));
  return result;
}

const merged = (value: unknown, patch: unknown): unknown => (isRecord(patch) ? merge(isRecord(value) ? value : {}, patch) : cloneJson(patch));
