import { messageOf } from "#base/error-message.ts";
/** An answer of the kubelet that says no: plain text, as upstream's kubelet answers. */
export class HttpError extends Error {
  override readonly name = "HttpError";
  readonly status: number;

  constructor(status: number, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.status = status;
  }
}

/** The status and text for any failure. What is not an `HttpError` is 500 with its message. */
export const asHttpError = (err: unknown): HttpError => (err instanceof HttpError ? err : new HttpError(500, messageOf(err), { cause: err }));
