import { StatusError, type Reason, type StatusDetails } from "#apimachinery/status.ts";

/** What an HTTP code means where the answer does not say it. */
const byCode: Readonly<Record<number, Reason>> = {
  400: "BadRequest", 401: "Unauthorized", 403: "Forbidden", 404: "NotFound", 405: "MethodNotAllowed", 406: "NotAcceptable", 409: "Conflict",
  410: "Expired", 413: "RequestEntityTooLarge", 415: "UnsupportedMediaType", 422: "Invalid", 429: "TooManyRequests", 503: "ServiceUnavailable", 504: "Timeout",
};

const known: ReadonlySet<string> = new Set<Reason>([...Object.values(byCode), "AlreadyExists", "Gone", "InternalError", "ServerTimeout"]);
const isReason = (reason: unknown): reason is Reason => typeof reason === "string" && known.has(reason);

interface StatusBody { readonly kind: "Status"; readonly message?: string; readonly reason?: string; readonly code?: number; readonly details?: StatusDetails }

/** The error that a refusal stands for: its `metav1.Status`, or what its code says when the body is something else. */
export function statusOf(code: number, body: string, request: { readonly method: string; readonly path: string }): StatusError {
  const status = parse(body);
  if (status !== undefined) return statusError(status, code);
  return new StatusError(byCode[code] ?? "InternalError", `the server answered ${request.method} ${request.path.split("?")[0]} with ${code}: ${body.slice(0, 1024).trim() || "no text"}`, undefined, { code });
}

/** The error in a watch's ERROR event. */
export const statusError = (status: Omit<StatusBody, "kind">, code: number = status.code ?? 500): StatusError =>
  new StatusError(isReason(status.reason) ? status.reason : (byCode[status.code ?? code] ?? "InternalError"), status.message ?? "", status.details, { code: status.code ?? code });

function parse(body: string): StatusBody | undefined {
  try {
    const value = JSON.parse(body) as StatusBody | null;
    return value?.kind === "Status" ? value : undefined;
  } catch {
    return undefined;
  }
}
