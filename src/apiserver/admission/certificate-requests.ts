import type { CertificateSigningRequest, CertificateSigningRequestCondition } from "#api/gen/certificates-v1.ts";
import { timestamp } from "#apimachinery/time.ts";
import type { Identity } from "#base/http.ts";
import type { Clock } from "#base/clock.ts";
import { concerns, type AdmissionPlugin } from "./plugin.ts";

/**
 * Writes into a certificate request who asked, and into its conditions when they came.
 * Not a plugin upstream but a part of the registry. Upstream: pkg/registry/certificates/certificates/strategy.go
 */
export const certificateRequests = (clock: Clock): AdmissionPlugin => ({
  name: "CertificateRequests",
  resources: ["certificatesigningrequests.certificates.k8s.io"],
  admit(attributes, object) {
    const of = (subresource: string): boolean => concerns(attributes, "certificates.k8s.io", "certificatesigningrequests", subresource);
    const request = object as CertificateSigningRequest;
    if (attributes.operation === "CREATE" && of("")) signed(request, attributes.user);
    if (attributes.operation === "UPDATE" && (of("status") || of("approval"))) {
      const old = (attributes.oldObject as CertificateSigningRequest).status.conditions ?? [];
      for (const condition of request.status.conditions ?? []) stamp(condition, old, timestamp(clock.now()));
    }
  },
});

function signed({ spec }: CertificateSigningRequest, { name, uid, groups, extra }: Identity): void {
  for (const field of ["username", "uid", "groups", "extra"] as const) delete spec[field];
  spec.username = name;
  if (uid) spec.uid = uid;
  if (groups.length > 0) spec.groups = [...groups];
  if (extra !== undefined && Object.keys(extra).length > 0) spec.extra = Object.fromEntries(Object.entries(extra).map(([key, values]) => [key, [...values]]));
}

/** Upstream: populateConditionTimestamps */
function stamp(condition: CertificateSigningRequestCondition, old: readonly CertificateSigningRequestCondition[], now: string): void {
  condition.lastUpdateTime ??= now;
  condition.lastTransitionTime ??= old.find(({ type, status }) => type === condition.type && status === condition.status)?.lastTransitionTime ?? now;
}
