/** JSON without a schema as values, and values as JSON. */
import { isRecord } from "../equal.ts";
import { setOwn } from "../records.ts";
import { beginRun, Interrupted, touch } from "./budget.ts";
import { JsonList, JsonMap, ListValue, MapValue } from "./containers.ts";
import { durationText, timestampText } from "./time-values.ts";
import { Bytes, CelError, Double, Duration, noSuchOverload, Optional, Timestamp, Uint, type Value } from "./values.ts";

/** Whole numbers are ints, others doubles; objects and lists are read where an expression looks. */
export function fromJson(json: unknown): Value {
  if (typeof json === "number") return Number.isSafeInteger(json) ? json : new Double(json);
  if (typeof json === "string" || typeof json === "boolean" || typeof json === "bigint") return json;
  if (Array.isArray(json)) return new JsonList(json, fromJson);
  if (isRecord(json)) return new JsonMap(json, fromJson);
  return json === null || json === undefined ? null : noSuchOverload;
}

/** What a value is in JSON; the error of one that has no such form. */
export function toJson(value: Value): { readonly json: unknown } | CelError {
  try {
    beginRun();
    return { json: jsonOf(value) };
  } catch (err) {
    if (err instanceof NoJson || err instanceof Interrupted) return new CelError(err.message);
    throw err;
  }
}

class NoJson extends Error {}

function jsonOf(value: Value): unknown {
  touch(1);
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof JsonMap && value.read === fromJson) return value.record;
  if (value instanceof JsonList && value.read === fromJson) return value.items;
  if (value instanceof ListValue) return value.toArray().map(jsonOf);
  if (value instanceof MapValue) return objectOf(value);
  if (value instanceof Double) return value.value;
  if (value instanceof Uint) return Number(value.value);
  if (value instanceof Bytes) return Buffer.from(value.value).toString("base64");
  if (value instanceof Timestamp) return timestampText(value);
  if (value instanceof Duration) return durationText(value);
  if (value instanceof Optional && value.value !== undefined) return jsonOf(value.value);
  throw new NoJson(value instanceof CelError ? value.message : `type conversion error: ${value.kind} has no JSON form`);
}

function objectOf(map: MapValue): Record<string, unknown> {
  const made: Record<string, unknown> = {};
  for (const key of map.keys()) {
    if (typeof key !== "string") throw new NoJson("type conversion error: JSON objects have strings as keys");
    setOwn(made, key, jsonOf(map.get(key) ?? null));
  }
  return made;
}
