import { messageOf } from "../error-message.ts";
import type { ServiceError } from "@grpc/grpc-js";
import { goWords } from "./go-words.ts";

export type GrpcCode =
  | "OK" | "Canceled" | "Unknown" | "InvalidArgument" | "DeadlineExceeded" | "NotFound" | "AlreadyExists" | "PermissionDenied" | "ResourceExhausted"
  | "FailedPrecondition" | "Aborted" | "OutOfRange" | "Unimplemented" | "Internal" | "Unavailable" | "DataLoss" | "Unauthenticated";

/** By number, as Go prints them, in messages that users know. */
const names: readonly GrpcCode[] = [
  "OK", "Canceled", "Unknown", "InvalidArgument", "DeadlineExceeded", "NotFound", "AlreadyExists", "PermissionDenied", "ResourceExhausted",
  "FailedPrecondition", "Aborted", "OutOfRange", "Unimplemented", "Internal", "Unavailable", "DataLoss", "Unauthenticated",
];

/** How a code is sent. */
export const codeNumber = (code: GrpcCode): number => names.indexOf(code);

/** A call that failed; the message reads as Go's `status.Error` prints. */
export class GrpcError extends Error {
  override readonly name = "GrpcError";
  readonly code: GrpcCode;
  /** What the other side said, without the code. */
  readonly said: string;

  constructor(code: GrpcCode, message: string, options?: { readonly cause?: unknown; readonly said?: string }) {
    super(message, options);
    this.code = code;
    this.said = options?.said ?? message;
  }
}

/** A failed call with its code by name, in the words that Go's clients print. */
export function grpcError(err: unknown): GrpcError {
  if (!isServiceError(err)) return new GrpcError("Unknown", messageOf(err), { cause: err });
  const code = names[err.code] ?? "Unknown";
  const said = code === "Unavailable" ? goWords(err.details) : err.details;
  return new GrpcError(code, `rpc error: code = ${code} desc = ${said}`, { cause: err, said });
}

const isServiceError = (err: unknown): err is ServiceError =>
  err instanceof Error && "code" in err && typeof err.code === "number" && "details" in err;
