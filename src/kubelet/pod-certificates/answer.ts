import type { PodCertificateRequest } from "#api/gen/certificates-v1beta1.ts";
import { pemBlocks, pemText } from "#base/pem.ts";

/** What a signer has made of a request. */
export type Answer =
  | { readonly type: "Issued"; readonly chain: string; readonly refreshAt: number; readonly notAfter: number }
  | Refused;
/** For good: nobody asks again for this pod. */
export interface Refused { readonly type: "Denied" | "Failed"; readonly reason: string; readonly message: string }

/** Undefined while there is none. The chain has no words between its certificates. Upstream: pkg/kubelet/podcertificate handleProjection, cleanCertificateChain */
export function answerOf({ status }: PodCertificateRequest): Answer | undefined {
  for (const { type, reason, message } of status.conditions ?? []) {
    if (type === "Denied" || type === "Failed") return { type, reason, message };
    if (type === "Issued") {
      const chain = pemBlocks(status.certificateChain ?? "").map(({ bytes }) => pemText("CERTIFICATE", bytes)).join("");
      return { type, chain, refreshAt: Date.parse(status.beginRefreshAt ?? ""), notAfter: Date.parse(status.notAfter ?? "") };
    }
  }
  return undefined;
}

/** The event's words. */
export const refusalText = (request: string, { type, reason, message }: Refused): string =>
  `PodCertificateRequest ${request} ${type === "Denied" ? "was denied" : "failed"}, reason=${JSON.stringify(reason)}, message=${JSON.stringify(message)}`;

/** What a volume that waits for it says. */
export const refusedForGood = ({ type, reason, message }: Refused): string =>
  `PodCertificateRequest was permanently ${type.toLowerCase()}: reason=${JSON.stringify(reason)} message=${JSON.stringify(message)}`;
