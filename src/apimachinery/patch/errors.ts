import { badRequest, StatusError } from "../status.ts";

/** 422: the patch is well formed and cannot be applied. Upstream hides the reason from the client; it is the error's `cause`. */
export const cannotApply = (why: string): StatusError =>
  new StatusError("Invalid", "the server rejected our request due to an error in our request", {}, { cause: new Error(why) });

/** A patch that contradicts itself or the lists it is for. Upstream answers these 500 without a reason; a request is no fault of the server. */
export const cannotMerge = (why: string): StatusError => badRequest(why);

/** Upstream: mergepatch.ErrBadArgType */
export const notAList = (value: unknown): StatusError => cannotMerge(`expected a []interface {}, but received a ${value === null ? "%!s(<nil>)" : goType(value)}`);

/** What Go decodes a JSON value to. */
export function goType(value: unknown): string {
  if (Array.isArray(value)) return "[]interface {}";
  if (value === null || value === undefined) return "<nil>";
  if (typeof value === "number") return Number.isInteger(value) ? "int64" : "float64";
  return typeof value === "object" ? "map[string]interface {}" : typeof value === "boolean" ? "bool" : typeof value;
}

/** Go's `%s` of a JSON value, which suits text alone. */
export function goText(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return `%!s(${goType(value)}=${value})`;
  return value === null ? "%!s(<nil>)" : goPrint(value);
}

/** Go's `%v` of a JSON value: `map[name:a ports:[1 2]]`. */
export function goPrint(value: unknown): string {
  if (value === null || value === undefined) return "<nil>";
  if (Array.isArray(value)) return `[${value.map(goPrint).join(" ")}]`;
  if (typeof value !== "object") return String(value as string | number | boolean);
  return `map[${Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, item]) => `${key}:${goPrint(item)}`).join(" ")}]`;
}
