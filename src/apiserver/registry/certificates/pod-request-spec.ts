import type { PodCertificateRequest } from "#api/gen/certificates-v1beta1.ts";
import type { Cause } from "#apimachinery/status.ts";
import { eachInvalid, immutable, invalidValue, required, tooLong } from "#apimachinery/validation/causes.ts";
import { dns1123Subdomain } from "#apimachinery/validation/names.ts";
import { validateMaxExpiration, validateUserAnnotations } from "./pod-certificates.ts";
import { validateRequestedKey } from "./pod-request-key.ts";
import { validateSignerName } from "./signer-name.ts";

const longestUid = 128;

/** Upstream: pkg/apis/certificates/validation ValidatePodCertificateRequestCreate */
export function validatePodRequest({ spec }: PodCertificateRequest): readonly Cause[] {
  const { signerName, maxExpirationSeconds: seconds, unverifiedUserAnnotations } = spec;
  const causes = [
    ...validateSignerName(signerName, "spec.signerName"),
    ...validateUserAnnotations(unverifiedUserAnnotations, "spec.unverifiedUserAnnotations"),
    ...(["pod", "serviceAccount", "node"] as const).flatMap((what) => [
      ...eachInvalid(`spec.${what}Name`, spec[`${what}Name`], dns1123Subdomain(spec[`${what}Name`])), ...validateUid(spec[`${what}UID`], `spec.${what}UID`),
    ]),
  ];
  if (seconds === undefined) return [...causes, required("spec.maxExpirationSeconds", "must be set")];
  return [...causes, ...validateMaxExpiration(seconds, signerName, "spec.maxExpirationSeconds"), ...validateRequestedKey(spec)];
}

const validateUid = (uid: string, field: string): readonly Cause[] => [
  ...(uid === "" ? [invalidValue(field, uid, "must not be empty")] : []), ...(Buffer.byteLength(uid) > longestUid ? [tooLong(field, longestUid)] : []),
];

/** Upstream: pkg/apis/certificates/validation ValidatePodCertificateRequestUpdate */
export const validatePodRequestUpdate = (next: PodCertificateRequest, old: PodCertificateRequest): readonly Cause[] => immutable("spec", next.spec, old.spec);
