/** Broken fields in upstream's words. Upstream: apimachinery/pkg/util/validation/field/errors.go */
import { semanticEqual } from "../equal.ts";
import { quote } from "../quote.ts";
import type { Cause } from "../status.ts";

const cause = (reason: string, field: string, message: string, detail = ""): Cause => ({ reason, field, message: detail === "" ? message : `${message}: ${detail}` });

/** A value as it stands in a message: strings quoted, numbers bare, everything else as JSON. */
function show(value: unknown): string {
  if (value === undefined || value === null) return "null";
  return typeof value === "string" ? quote(value) : JSON.stringify(value);
}

/** A field that must be there is absent or empty. */
export const required = (field: string, detail?: string): Cause => cause("FieldValueRequired", field, "Required value", detail);
export const invalidValue = (field: string, value: unknown, detail: string): Cause => cause("FieldValueInvalid", field, `Invalid value: ${show(value)}`, detail);
/** An invalid value that is too long, or too little of it at fault, to be shown. Upstream: field.OmitValueType */
export const invalidUnshown = (field: string, detail: string): Cause => cause("FieldValueInvalid", field, "Invalid value", detail);
/** A value of the wrong JSON type or schema. */
export const typeInvalid = (field: string, value: unknown, detail: string): Cause => cause("FieldValueTypeInvalid", field, `Invalid value: ${show(value)}`, detail);
/** An enum without this value. `allowed` is listed in the given order; upstream sorts it in most places. */
export const notSupported = (field: string, value: unknown, allowed: readonly string[]): Cause =>
  cause("FieldValueNotSupported", field, `Unsupported value: ${show(value)}`, allowed.length === 0 ? "" : `supported values: ${allowed.map(quote).join(", ")}`);
/** A field that may not be set, or not changed, here. */
export const forbidden = (field: string, detail: string): Cause => cause("FieldValueForbidden", field, "Forbidden", detail);
export const duplicate = (field: string, value: unknown): Cause => cause("FieldValueDuplicate", field, `Duplicate value: ${show(value)}`);
export const notFoundValue = (field: string, value: unknown): Cause => cause("FieldValueNotFound", field, `Not found: ${show(value)}`);
/** @param max bytes; negative: not said */
export const tooLong = (field: string, max: number): Cause => cause("FieldValueTooLong", field, "Too long", max >= 0 ? `may not be more than ${max} bytes` : "value is too long");
export const tooMany = (field: string, actual: number, max: number): Cause => cause("FieldValueTooMany", field, `Too many: ${actual}`, `must have at most ${max} items`);
export const internalCause = (field: string, text: string): Cause => cause("InternalError", field, "Internal error", text);

/** One cause when the two differ semantically. */
export const immutable = (field: string, next: unknown, old: unknown): Cause[] => (semanticEqual(next, old) ? [] : [invalidValue(field, next, "field is immutable")]);
export const nonNegative = (field: string, value: number | undefined): Cause[] =>
  value !== undefined && value < 0 ? [invalidValue(field, value, "must be greater than or equal to 0")] : [];
/** One cause per message of a check from `names.ts`. */
export const eachInvalid = (field: string, value: unknown, messages: readonly string[]): Cause[] => messages.map((m) => invalidValue(field, value, m));
/** Nothing for an absent value; `required` or `notSupported` else. */
export function oneOf(field: string, value: string | undefined, allowed: readonly string[]): Cause[] {
  if (value === undefined || value === "") return [required(field)];
  return allowed.includes(value) ? [] : [notSupported(field, value, allowed)];
}
