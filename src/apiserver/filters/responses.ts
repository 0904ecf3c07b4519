import type { HttpResponse } from "#base/http.ts";
import { qualified } from "#apimachinery/meta.ts";
import { internalError, StatusError } from "#apimachinery/status.ts";
import { Unavailable } from "#storage/store.ts";
import type { RequestInfo } from "./request-info.ts";

const json = { "content-type": "application/json", "cache-control": "no-cache, private" };

/** An answer that can still be said in another format: `value` is the same as its body. */
export interface ValueResponse extends HttpResponse { readonly value: object }
/** Whether it can. */
export const isValueResponse = (response: HttpResponse): response is ValueResponse => "value" in response;

/** A value as JSON, unless the client reads another format. */
export const jsonResponse = (status: number, value: object, headers: Readonly<Record<string, string>> = {}): ValueResponse =>
  ({ status, headers: { ...json, ...headers }, body: Buffer.from(`${JSON.stringify(value)}\n`), value });

/** Bytes that are JSON already. */
export const bytesResponse = (status: number, body: HttpResponse["body"], contentType = "application/json"): HttpResponse =>
  ({ status, headers: { ...json, "content-type": contentType }, body });

export const textResponse = (status: number, text: string, headers: Readonly<Record<string, string>> = {}): HttpResponse =>
  ({ status, headers: { "content-type": "text/plain; charset=utf-8", "cache-control": "no-cache, private", "x-content-type-options": "nosniff", ...headers }, body: Buffer.from(text) });

/**
 * What a failure looks like to the client: a `metav1.Status`, whatever was thrown.
 * @param asked what the request was about, where that is known
 */
export function statusResponse(err: unknown, asked?: RequestInfo): HttpResponse {
  const status = err instanceof StatusError ? err : err instanceof Unavailable ? storeSilent(err, asked) : internalError(err);
  const retry = status.details?.retryAfterSeconds;
  return jsonResponse(status.code, status.toStatus(), retry === undefined ? {} : { "retry-after": String(retry) });
}

/** Nothing is wrong with the request: the client is to come again. Upstream: api/errors NewServerTimeout, for a store that is unreachable */
function storeSilent(cause: Unavailable, { verb, target }: Partial<RequestInfo> = {}): StatusError {
  const { group = "", resource = "" } = target ?? {};
  const details = target === undefined ? {} : { name: verb ?? "", ...(group !== "" && { group }), kind: resource };
  return new StatusError("ServerTimeout", `The ${verb ?? ""} operation against ${qualified({ group, resource })} could not be completed at this time, please try again.`, { ...details, retryAfterSeconds: 2 }, { cause });
}

/** One value of a `Warning` header. Upstream: apimachinery/pkg/util/net NewWarningHeader */
export const warningHeader = (text: string): string =>
  // oxlint-disable-next-line no-control-regex -- header values hold none
  `299 - "${text.replaceAll(/[\u0000-\u001f\u007f]/g, " ").replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
