import { StatusError } from "../status.ts";

/** 422: the patch is well formed and cannot be applied. Upstream hides the reason from the client; it is the error's `cause`. */
export const cannotApply = (why: string): StatusError =>
  new StatusError("Invalid", "the server rejected our request due to an error in our request", {}, { cause: new Error(why) });

/** Go's `%v` of a JSON value: `map[name:a ports:[1 2]]`. */
export function goPrint(value: unknown): string {
  if (value === null || value === undefined) return "<nil>";
  if (Array.isArray(value)) return `[${value.map(goPrint).join(" ")}]`;
  if (typeof value !== "object") return String(value as string | number | boolean);
  return `map[${Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, item]) => `${key}:${goPrint(item)}`).join(" ")}]`;
}
