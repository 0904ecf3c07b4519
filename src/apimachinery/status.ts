import { messageOf } from "#base/error-message.ts";
import { qualified, type GroupKind, type GroupResource } from "./meta.ts";

/** Why a request failed. Clients branch on this word, never on the message. Upstream: metav1.StatusReason */
const codes = {
  BadRequest: 400, Unauthorized: 401, Forbidden: 403, NotFound: 404, MethodNotAllowed: 405, NotAcceptable: 406, AlreadyExists: 409, Conflict: 409,
  Gone: 410, Expired: 410, RequestEntityTooLarge: 413, UnsupportedMediaType: 415, Invalid: 422, TooManyRequests: 429,
  InternalError: 500, ServiceUnavailable: 503, Timeout: 504, ServerTimeout: 500,
  /** Of a fault that nobody has given a name; it is not told. */
  Unknown: 500,
} as const;
export type Reason = keyof typeof codes;

/** One broken field. `reason` is upstream's CauseType, `field` a path such as `spec.containers[0].name`. */
export interface Cause { readonly reason: string; readonly field: string; readonly message: string }

export interface StatusDetails {
  readonly name?: string;
  readonly group?: string;
  readonly kind?: string;
  readonly uid?: string;
  readonly causes?: readonly { readonly reason?: string; readonly message?: string; readonly field?: string }[];
  readonly retryAfterSeconds?: number;
}

/** An answer of the API that says no: `metav1.Status` as an exception. */
export class StatusError extends Error {
  override readonly name = "StatusError";
  readonly reason: Reason;
  readonly code: number;
  readonly details: StatusDetails | undefined;

  constructor(reason: Reason, message: string, details?: StatusDetails, options?: { readonly cause?: unknown; readonly code?: number }) {
    super(message, options);
    this.reason = reason;
    this.code = options?.code ?? codes[reason];
    this.details = details;
  }

  /** The `metav1.Status` that goes over the wire. */
  toStatus(): Record<string, unknown> {
    return {
      kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", message: this.message, ...(this.reason !== "Unknown" && { reason: this.reason }),
      ...(this.details !== undefined && { details: printed(this.details) }), code: this.code,
    };
  }
}

/** True when `err` is an API answer with this reason. */
export const isStatus = (err: unknown, ...reasons: readonly Reason[]): err is StatusError => err instanceof StatusError && reasons.includes(err.reason);

/** In Go's order and without what is empty. Upstream: metav1.StatusDetails */
function printed({ name, group, kind, uid, causes = [], retryAfterSeconds }: StatusDetails): Record<string, unknown> {
  return {
    ...(name && { name }), ...(group && { group }), ...(kind && { kind }), ...(uid && { uid }),
    ...(causes.length > 0 && { causes: causes.map(({ reason, message, field }) => ({ ...(reason && { reason }), ...(message && { message }), ...(field && { field }) })) }),
    ...(retryAfterSeconds && { retryAfterSeconds }),
  };
}

const about = (r: GroupResource, name: string): StatusDetails => ({ name, ...(r.group !== "" && { group: r.group }), kind: r.resource });

/** There is no object of this name. */
export const notFound = (r: GroupResource, name: string): StatusError => new StatusError("NotFound", `${qualified(r)} "${name}" not found`, about(r, name));
export const alreadyExists = (r: GroupResource, name: string): StatusError => new StatusError("AlreadyExists", `${qualified(r)} "${name}" already exists`, about(r, name));
export const conflict = (r: GroupResource, name: string, why: string): StatusError =>
  new StatusError("Conflict", `Operation cannot be fulfilled on ${qualified(r)} "${name}": ${why}`, about(r, name));
/** The words of a lost compare-and-swap. Upstream: apiserver/pkg/registry/generic/registry/store.go OptimisticLockErrorMsg */
export const optimisticLock = "the object has been modified; please apply your changes to the latest version and try again";
/** Upstream: apimachinery/pkg/api/errors NewApplyConflict */
export const applyConflict = (message: string, causes: readonly Cause[]): StatusError => new StatusError("Conflict", message, { causes });
export const badRequest = (message: string): StatusError => new StatusError("BadRequest", message);
export const unauthorized = (): StatusError => new StatusError("Unauthorized", "Unauthorized");
export const forbidden = (r: GroupResource, name: string, why: string): StatusError =>
  new StatusError("Forbidden", name === "" ? `${qualified(r)} is forbidden: ${why}` : `${qualified(r)} "${name}" is forbidden: ${why}`, about(r, name));
/** The resource does not know this verb. */
export const methodNotSupported = (r: GroupResource, action: string): StatusError =>
  new StatusError("MethodNotAllowed", `${action} is not supported on resources of kind "${qualified(r)}"`, about(r, ""));
/** What a path does not do. Upstream: NewGenericServerResponse, which speaks for the router */
export const methodNotAllowed = (): StatusError => new StatusError("MethodNotAllowed", "the server does not allow this method on the requested resource", {});
export const expired = (message: string): StatusError => new StatusError("Expired", message);
export const internalError = (err: unknown): StatusError => {
  const text = messageOf(err);
  return new StatusError("InternalError", `Internal error occurred: ${text}`, { causes: [{ message: text }] }, { cause: err });
};

/** 422 with one cause per broken field, upstream's wording: one error bare, several in brackets, none twice. Upstream: field.ErrorList ToAggregate */
export function invalid(kind: GroupKind, name: string | undefined = "", causes: readonly Cause[]): StatusError {
  const texts = [...new Set(causes.map((c) => `${c.field}: ${c.message}`))];
  const list = texts.length === 1 ? (texts[0] ?? "") : `[${texts.join(", ")}]`;
  const qualifiedKind = kind.group === "" ? kind.kind : `${kind.kind}.${kind.group}`;
  return new StatusError("Invalid", `${qualifiedKind} "${name}" is invalid: ${list}`, { name, ...(kind.group !== "" && { group: kind.group }), kind: kind.kind, causes });
}
