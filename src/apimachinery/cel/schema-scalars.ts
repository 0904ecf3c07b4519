/** Schemas of texts, numbers and booleans. Upstream: apiserver/pkg/cel/common schemas.go, values.go */
import { durationNanos } from "../go-duration.ts";
import * as sizes from "./schema-sizes.ts";
import type { Binding, OpenApiSchema } from "./schema-types.ts";
import { parseTimestamp } from "./time-values.ts";
import * as types from "./types.ts";
import { Bytes, CelError, Double, Duration, type Value } from "./values.ts";

/** Undefined for a schema that says too little. */
export function scalarBinding(schema: OpenApiSchema): Binding | undefined {
  if (schema["x-kubernetes-int-or-string"] === true) return { type: types.bounded(types.dynType, longest(schema)), minSize: 1, read: intOrString };
  switch (schema.type ?? "") {
    case "string": return textBinding(schema);
    case "boolean": return { type: types.bounded(types.boolType, 0), minSize: sizes.minBool, read: (json) => (typeof json === "boolean" ? json : wrong("bool", json)) };
    case "number": return { type: types.bounded(types.doubleType, 0), minSize: sizes.minNumber, read: (json) => (typeof json === "number" || typeof json === "bigint" ? new Double(Number(json)) : wrong("float", json)) };
    case "integer": return { type: types.bounded(types.intType, 0), minSize: sizes.minNumber, read: (json) => (isInteger(json) ? json : wrong("int", json)) };
    default: return undefined;
  }
}

function textBinding(schema: OpenApiSchema): Binding {
  const read = (parse: (text: string) => Value) => (json: unknown): Value => (typeof json === "string" ? parse(json) : wrong("string", json));
  switch (schema.format ?? "") {
    case "byte": return { type: types.bounded(types.bytesType, schema.maxLength ?? sizes.maxText), minSize: sizes.minText, read: read((text) => new Bytes(Buffer.from(text, "base64"))) };
    case "duration": return { type: types.bounded(types.durationType, sizes.maxTime), minSize: sizes.minDuration, read: read(duration) };
    case "date": return { type: types.bounded(types.timestampType, sizes.dateSize), minSize: sizes.dateSize, read: read((text) => moment(`${text}T00:00:00Z`, text, "date")) };
    case "date-time": return { type: types.bounded(types.timestampType, sizes.maxTime), minSize: sizes.minDateTime, read: read((text) => moment(text.toUpperCase(), text, "date-time")) };
    default: return { type: types.bounded(types.stringType, longest(schema)), minSize: sizes.minText, read: read((text) => text) };
  }
}

/** Bytes, of which a character may take four. */
function longest({ maxLength, enum: values = [], "x-kubernetes-int-or-string": either }: OpenApiSchema): number {
  if (maxLength !== undefined) return Math.max(0, maxLength) * 4;
  if (either === true || values.length === 0) return sizes.maxText;
  return Math.max(...values.map((value) => (typeof value === "string" ? Buffer.byteLength(value) : 0)));
}

const isInteger = (json: unknown): json is number | bigint => typeof json === "bigint" || (typeof json === "number" && Number.isInteger(json));

function intOrString(json: unknown): Value {
  if (typeof json === "string") return json;
  if (isInteger(json)) return json;
  return new CelError("invalid data, expected XIntOrString value to be either a string or integer");
}

function duration(text: string): Value {
  const nanos = durationNanos(text);
  return nanos === undefined ? new CelError(`Invalid duration ${text}: unable to parse ${text} as duration`) : new Duration(nanos);
}

function moment(text: string, told: string, format: string): Value {
  const time = parseTimestamp(text);
  return time instanceof CelError ? new CelError(`Invalid ${format} formatted string ${told}: ${time.message}`) : time;
}

const goKinds: Readonly<Record<string, string>> = { string: "string", number: "float64", boolean: "bool" };
const wrong = (wanted: string, json: unknown): CelError => new CelError(`invalid data, expected ${wanted}, got ${goKinds[typeof json] ?? (Array.isArray(json) ? "[]interface {}" : "map[string]interface {}")}`);
