/** Checks of single values, in upstream's words. Upstream: kube-openapi/pkg/validation/validate values.go, errors/schema.go */
import type { RE2JS } from "re2js";
import { sameJson } from "#apimachinery/equal.ts";
import type { Cause } from "#apimachinery/status.ts";
import { invalidValue, notSupported, tooLong, typeInvalid } from "#apimachinery/validation/causes.ts";
import { hasFormat } from "./formats.ts";
import { compilePattern } from "./patterns.ts";
import type { Checks, Structural } from "./structural.ts";

const typeOf = (value: unknown): string => {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value === "bigint") return "integer";
  return typeof value === "number" ? (Number.isInteger(value) ? "integer" : "number") : typeof value;
};

/** `.` stands before a key at the root; it is not shown. */
export const shown = (path: string): string => path.replace(/^\./, "");

export function checkType(value: unknown, schema: Structural, path: string): Cause | undefined {
  const types = schema.intOrString ? ["integer", "string"] : schema.type === "" ? [] : [schema.type];
  const format = schema.checks?.format;
  const given = typeOf(value);
  const wrong = (wanted: string, what: string): Cause => typeInvalid(shown(path), what, `${path} in body must be of type ${wanted}: "${what}"`);
  if (value === null) return types.length === 0 || schema.nullable ? undefined : wrong(types.join(","), given);
  const fits = types.includes(given) || (given === "integer" && types.includes("number"));
  const numeric = types.includes("number") || types.includes("integer");
  if (format !== undefined && !numeric && (given === "string" || given === "array")) return undefined;
  if (format !== undefined && !fits) return wrong(format, given === "integer" ? "int64" : given === "number" ? "float64" : "");
  return types.length === 0 || fits ? undefined : wrong(types.join(","), given);
}

export function checkFormat(text: string, { format }: Checks, path: string): Cause | undefined {
  if (format === undefined || hasFormat(text, format)) return undefined;
  return typeInvalid(shown(path), text, `${path} in body must be of type ${format}: ${JSON.stringify(text)}`);
}

const patterns = new WeakMap<Checks, RE2JS>();

/** Compiled once per schema. */
function patternOf(checks: Checks, pattern: string): RE2JS {
  const known = patterns.get(checks) ?? compilePattern(pattern);
  patterns.set(checks, known);
  return known;
}

/** Code points, as upstream counts. */
const characters = (text: string): number => text.replaceAll(/[\ud800-\udbff][\udc00-\udfff]/g, "_").length;

/** The first broken rule only. */
export function checkString(text: string, checks: Checks, path: string): Cause | undefined {
  const { maxLength, minLength, pattern } = checks;
  const length = maxLength === undefined && minLength === undefined ? 0 : characters(text);
  if (maxLength !== undefined && length > maxLength) return tooLong(shown(path), maxLength);
  if (minLength !== undefined && length < minLength) return invalidValue(shown(path), text, `${path} in body should be at least ${minLength} chars long`);
  if (pattern === undefined || patternOf(checks, pattern).matcher(text).find()) return undefined;
  return invalidValue(shown(path), text, `${path} in body should match '${pattern}'`);
}

export function checkNumber(value: number, checks: Checks, path: string): readonly Cause[] {
  const { maximum, minimum, multipleOf } = checks;
  const says = (text: string): Cause => invalidValue(shown(path), value, `${path} in body should be ${text}`);
  const causes: Cause[] = [];
  if (multipleOf !== undefined && !isMultiple(value, multipleOf)) causes.push(says(`a multiple of ${multipleOf}`));
  if (minimum !== undefined && (checks.exclusiveMinimum ? value <= minimum : value < minimum)) causes.push(says(checks.exclusiveMinimum ? `greater than ${minimum}` : `greater than or equal to ${minimum}`));
  if (maximum !== undefined && (checks.exclusiveMaximum ? value >= maximum : value > maximum)) causes.push(says(checks.exclusiveMaximum ? `less than ${maximum}` : `less than or equal to ${maximum}`));
  return causes;
}

/** Within a billionth, because 0.3 is no multiple of 0.1 in binary. Upstream: swag IsFloat64AJSONInteger */
function isMultiple(value: number, factor: number): boolean {
  const times = factor < 1 ? (1 / factor) * value : value / factor;
  const whole = Math.round(times);
  return Math.abs(times - whole) <= 1e-9 * Math.max(1, Math.abs(times));
}

export function checkEnum(value: unknown, { enum: allowed }: Checks, path: string): Cause | undefined {
  if (allowed === undefined || allowed.some((item) => sameJson(item, value))) return undefined;
  return notSupported(shown(path), value, allowed.map((item) => (typeof item === "string" ? item : JSON.stringify(item))));
}
