/** Who a writer is to the owners of fields. Upstream: apiserver/pkg/endpoints/handlers/create.go managerOrUserAgent; meta/v1/validation ValidateFieldManager */
import type { Cause } from "#apimachinery/status.ts";
import { invalidValue, tooLong } from "#apimachinery/validation/causes.ts";
import type { RequestContext } from "../filters/context.ts";

/** Bytes. */
const maxLength = 128;
const printable = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;

/** What the request says, else what its User-Agent begins with. */
export function managerOf({ info, request }: RequestContext): string {
  const said = info.query.get("fieldManager") ?? "";
  if (said !== "") return said;
  const agent = request.headers["user-agent"] ?? "";
  return prefixOf(agent) || "unknown";
}

/** As much of the text before the first slash as may be a manager. Upstream: prefixFromUserAgent */
function prefixOf(agent: string): string {
  const name = agent.split("/", 1)[0] ?? "";
  if (/^[\x20-\x7e]*$/.test(name)) return name.slice(0, maxLength);
  let kept = "";
  for (const char of name) {
    if (!printable.test(char)) continue;
    if (Buffer.byteLength(kept + char) > maxLength) break;
    kept += char;
  }
  return kept;
}

export function validateFieldManager(field: string, manager: string): Cause[] {
  const causes = Buffer.byteLength(manager) > maxLength ? [tooLong(field, maxLength)] : [];
  let at = 0;
  for (const char of manager) {
    if (!printable.test(char)) causes.push(invalidValue(field, manager, `invalid character ${codePoint(char)} (at position ${at})`));
    at += Buffer.byteLength(char);
  }
  return causes;
}

/** Go's `%#U` of what cannot be printed. */
const codePoint = (char: string): string => `U+${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
