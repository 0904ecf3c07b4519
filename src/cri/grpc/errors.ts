import { status, type ServiceError } from "@grpc/grpc-js";
import { RuntimeError, type RuntimeErrorCode } from "../runtime.ts";

const codes: Partial<Record<status, RuntimeErrorCode>> = {
  [status.NOT_FOUND]: "NotFound",
  [status.ALREADY_EXISTS]: "AlreadyExists",
  [status.INVALID_ARGUMENT]: "InvalidArgument",
  [status.DEADLINE_EXCEEDED]: "DeadlineExceeded",
  [status.UNAVAILABLE]: "Unavailable",
  [status.UNIMPLEMENTED]: "Unimplemented",
  [status.CANCELLED]: "Cancelled",
};

/** gRPC's names of codes as Go prints them, for messages that users know. */
const goNames: Partial<Record<status, string>> = {
  [status.CANCELLED]: "Canceled",
  [status.NOT_FOUND]: "NotFound",
  [status.ALREADY_EXISTS]: "AlreadyExists",
  [status.INVALID_ARGUMENT]: "InvalidArgument",
  [status.DEADLINE_EXCEEDED]: "DeadlineExceeded",
  [status.UNAVAILABLE]: "Unavailable",
  [status.UNIMPLEMENTED]: "Unimplemented",
  [status.FAILED_PRECONDITION]: "FailedPrecondition",
  [status.PERMISSION_DENIED]: "PermissionDenied",
  [status.RESOURCE_EXHAUSTED]: "ResourceExhausted",
  [status.UNAUTHENTICATED]: "Unauthenticated",
  [status.ABORTED]: "Aborted",
  [status.INTERNAL]: "Internal",
  [status.OUT_OF_RANGE]: "OutOfRange",
  [status.DATA_LOSS]: "DataLoss",
};

/** A gRPC failure as the seam's error; the message reads as Go's `status.Error` prints. */
export function runtimeError(err: unknown): RuntimeError {
  if (!isServiceError(err)) return new RuntimeError("Unknown", err instanceof Error ? err.message : String(err), { cause: err });
  const message = `rpc error: code = ${goNames[err.code] ?? "Unknown"} desc = ${err.details}`;
  return new RuntimeError(codes[err.code] ?? "Unknown", message, { cause: err });
}

const isServiceError = (err: unknown): err is ServiceError =>
  err instanceof Error && "code" in err && typeof err.code === "number" && "details" in err;
