import { grpcError, type GrpcCode } from "#base/grpc/errors.ts";
import { RuntimeError, type RuntimeErrorCode } from "../runtime.ts";

const codes: Partial<Record<GrpcCode, RuntimeErrorCode>> = {
  NotFound: "NotFound",
  AlreadyExists: "AlreadyExists",
  InvalidArgument: "InvalidArgument",
  DeadlineExceeded: "DeadlineExceeded",
  Unavailable: "Unavailable",
  Unimplemented: "Unimplemented",
  Canceled: "Cancelled",
};

/** A gRPC failure as the seam's error. */
export function runtimeError(err: unknown): RuntimeError {
  const { code, message, said } = grpcError(err);
  return new RuntimeError(codes[code] ?? "Unknown", message, { cause: err, said });
}
