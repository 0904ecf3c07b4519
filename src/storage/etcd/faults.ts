/** What etcd's refusals and silences mean. */
import { status, type ServiceError } from "@grpc/grpc-js";
import { Unavailable, WriteFailed } from "../store.ts";

/** An answer to this very request: asking again, or another member, would bring the same. */
const definite: ReadonlySet<status> = new Set([
  status.INVALID_ARGUMENT, status.OUT_OF_RANGE, status.FAILED_PRECONDITION, status.NOT_FOUND,
  status.PERMISSION_DENIED, status.UNAUTHENTICATED, status.UNIMPLEMENTED, status.RESOURCE_EXHAUSTED,
]);

/** What to do about it, beside etcd's own words, by which its clients tell refusals apart. Upstream: etcd api/v3rpc/rpctypes/error.go */
const refusals: Readonly<Record<string, string>> = {
  "etcdserver: mvcc: database space exceeded":
    "etcd's database is full (its NOSPACE alarm is on). Compact and defragment it, or raise --quota-backend-bytes, then run \"etcdctl alarm disarm\"",
  "etcdserver: request is too large": "the object is larger than etcd takes; its flag --max-request-bytes says how large (1.5 MiB by default)",
  "etcdserver: permission denied": "etcd does not permit this client's user to write here",
};

export const isServiceError = (err: unknown): err is ServiceError =>
  err instanceof Error && "code" in err && typeof err.code === "number" && "details" in err;

/** Whether the asked-for revision is compacted or not yet written. */
export const isOutOfRange = (err: unknown): boolean => isServiceError(err) && err.code === status.OUT_OF_RANGE;

/** Whether the same request may succeed a moment later. */
export const mayPass = (err: unknown): boolean => !isServiceError(err) || !definite.has(err.code);

/** For people: not how long the last of several attempts took, nor the empty note at the end of grpc-js's sentence. */
const wordsOf = ({ code, details }: ServiceError): string => (code === status.DEADLINE_EXCEEDED ? "time is up" : details.replace(/\.? Resolution note: $/, ""));

/** A fault of a read or a watch as the seam's error. */
export function readFault(err: unknown): Error {
  if (!isServiceError(err)) return err instanceof Error ? err : new Unavailable(String(err));
  return new Unavailable(`etcd ${definite.has(err.code) ? "refuses" : "does not answer"}: ${wordsOf(err)}`, { cause: err });
}

/** A fault of a write as the seam's error. Whatever is not a refusal may have been carried out all the same. */
export function writeFault(err: unknown): Error {
  if (!isServiceError(err)) return err instanceof Error ? err : new WriteFailed(String(err), { outcome: "unknown" });
  if (definite.has(err.code)) return new WriteFailed(Object.hasOwn(refusals, err.details) ? `${err.details}: ${refusals[err.details] ?? ""}` : err.details, { cause: err });
  const words = err.code === status.DEADLINE_EXCEEDED ? "etcdserver: request timed out" : wordsOf(err);
  return new WriteFailed(`${words}; the write may or may not have been made`, { cause: err, outcome: "unknown" });
}
