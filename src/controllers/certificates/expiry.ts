import { X509Certificate } from "node:crypto";
import type { CertificateSigningRequest } from "#api/gen/certificates-v1.ts";
import { millis } from "../time.ts";

const hourMs = 3_600_000;
/** Requests that were decided, and such that nobody decided. */
const decidedMs = hourMs;
const pendingMs = 24 * hourMs;

/** Whether a request has served its time: nobody reads it any more. Upstream: pkg/controller/certificates/cleaner/cleaner.go */
export function isStale({ metadata, status }: CertificateSigningRequest, now: number): boolean {
  const conditions = status.conditions ?? [];
  const isOld = (time: string | undefined, ageMs: number): boolean => time !== undefined && now - millis(time) > ageMs;
  if (conditions.length === 0) return isOld(metadata.creationTimestamp, pendingMs);
  return conditions.some(({ type, lastUpdateTime }) => {
    if (type === "Denied" || type === "Failed") return isOld(lastUpdateTime, decidedMs);
    return type === "Approved" && Boolean(status.certificate) && (isOld(lastUpdateTime, decidedMs) || isExpired(status.certificate ?? "", now));
  });
}

/** @param certificate PEM in base64; what is none does not expire */
function isExpired(certificate: string, now: number): boolean {
  try {
    return new X509Certificate(Buffer.from(certificate, "base64")).validToDate.getTime() < now;
  } catch {
    return false;
  }
}
