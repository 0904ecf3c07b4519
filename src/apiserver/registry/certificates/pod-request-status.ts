import type { KeyObject, X509Certificate } from "node:crypto";
import type { PodCertificateRequest, PodCertificateRequestStatus } from "#api/gen/certificates-v1beta1.ts";
import { semanticEqual } from "#apimachinery/equal.ts";
import { goDuration } from "#apimachinery/go-duration.ts";
import type { Cause } from "#apimachinery/status.ts";
import { invalidUnshown, invalidValue, notSupported, required, tooLong } from "#apimachinery/validation/causes.ts";
import { pemBlocks } from "#base/pem.ts";
import { validateMetaConditions } from "../common/meta-conditions.ts";
import { requestedKey } from "./pod-request-key.ts";
import { readCertificate } from "./validation.ts";

type Request = PodCertificateRequest;
type Found = { readonly leaf: X509Certificate } | { readonly causes: readonly Cause[] };

/** How a request may end, once. Upstream: pkg/apis/certificates PodCertificateRequestConditionType* */
export const endings: readonly string[] = ["Issued", "Denied", "Failed"];
/** Upstream: pkg/apis/certificates MaxCertificateChainSize */
const mostChainBytes = 100 * 1024;
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const chainField = "status.certificateChain";
const conditionsField = "status.conditions";

const has = ({ status }: Pick<Request, "status">, type: string): boolean => (status.conditions ?? []).some((condition) => condition.type === type && condition.status === "True");

/** How the request has ended; undefined while nobody has decided. */
export const endingOf = (request: Pick<Request, "status">): string | undefined => endings.find((type) => has(request, type));

/** What a signer may make of a request. That it does so now, and may, is looked at by `admission/pod-certificate-requests.ts`. Upstream: pkg/apis/certificates/validation ValidatePodCertificateRequestStatusUpdate */
export function validatePodRequestStatus(next: Request, old: Request): readonly Cause[] {
  const causes = validateEndings(next.status);
  if (causes.length > 0) return causes;
  if (endingOf(old) !== undefined) return unless(semanticEqual(next.status, old.status), "immutable after PodCertificateRequest is issued, denied, or failed");
  const ending = endingOf(next);
  if (ending === undefined) return unless(semanticEqual(next.status, old.status), 'status is immutable unless transitioning to "Issued", "Denied", or "Failed"');
  if (ending === "Issued") return validateIssued(next);
  const { conditions = [] } = next.status;
  return unless(semanticEqual(next.status, { conditions }), "non-condition status fields must be empty when denying or failing the PodCertificateRequest");
}

const unless = (holds: boolean, why: string): readonly Cause[] => (holds ? [] : [invalidUnshown("status", why)]);

function validateEndings({ conditions = [] }: PodCertificateRequestStatus): readonly Cause[] {
  const first = conditions.findIndex(({ type }) => endings.includes(type));
  return [
    ...conditions.flatMap(({ type, status }, i) => {
      const at = `${conditionsField}[${i}]`;
      if (!endings.includes(type)) return [notSupported(`${at}.type`, type, endings)];
      return [
        ...(i > first ? [invalidValue(`${at}.type`, type, 'There may be at most one condition with type "Issued", "Denied", or "Failed"')] : []),
        ...(status === "True" ? [] : [notSupported(`${at}.status`, status, ["True"])]),
      ];
    }),
    ...validateMetaConditions(conditions, conditionsField),
  ];
}

function validateIssued(request: Request): readonly Cause[] {
  const found = leafOf(request);
  return "causes" in found ? found.causes : validateTimes(request, found.leaf);
}

const broken = (shown: string, why: string): readonly Cause[] => [invalidValue(chainField, shown, why)];

function leafOf({ spec, status: { certificateChain: chain = "" } }: Request): Found {
  if (Buffer.byteLength(chain) > mostChainBytes) return { causes: [tooLong(chainField, mostChainBytes)] };
  const [first, ...others] = pemBlocks(chain);
  if (first === undefined) return { causes: broken(chain, "issued certificate chain must contain at least one certificate") };
  if ([first, ...others].some(({ label }) => label !== "CERTIFICATE")) return { causes: broken(chain, "issued certificate chain must consist entirely of CERTIFICATE PEM blocks") };
  const leaf = readCertificate(first.bytes);
  if (leaf === undefined) return { causes: broken(chain, "leaf certificate does not parse as valid X.509") };
  const names = validateNames(leaf);
  if (names.length > 0) return { causes: names };
  if (!isFor(leaf, requestedKey(spec))) return { causes: broken(chain, "leaf certificate was not issued to the requested public key") };
  if (others.some(({ bytes }) => readCertificate(bytes) === undefined)) return { causes: broken(chain, "intermediate certificate does not parse as valid X.509") };
  return { leaf };
}

function isFor(leaf: X509Certificate, key: KeyObject | undefined): boolean {
  try {
    return key !== undefined && leaf.publicKey.equals(key);
  } catch {
    return false; // a key of a sort that is not known here
  }
}

function validateNames({ subjectAltName = "" }: X509Certificate): readonly Cause[] {
  return [...subjectAltName.matchAll(/(?:^|, )(DNS|email):("(?:[^"\\]|\\.)*"|[^,]*)/g)].flatMap(([, kind, text = ""]) => {
    const name = text.startsWith('"') ? (JSON.parse(text) as string) : text;
    const problem = kind === "DNS" ? dnsProblem(name) : /^[^@\s<>(),;:\\"]+@[^@\s<>(),;:\\"]+$/.test(name) ? undefined : "leaf certificate should not contain invalid EmailAddress";
    return problem === undefined ? [] : broken(name, problem);
  });
}

function dnsProblem(name: string): string | undefined {
  if (name === "") return "leaf certificate should not contain empty DNSName";
  if (name.includes("..")) return "leaf certificate's DNSName should not contain '..'";
  return name.startsWith(".") || name.endsWith(".") ? "leaf certificate's DNSName should not start or end with '.'" : undefined;
}

/** The status says when the certificate begins and ends, and a time well between for the next one. */
function validateTimes({ spec, status }: Request, leaf: X509Certificate): readonly Cause[] {
  const { notBefore, notAfter, beginRefreshAt } = status;
  const consistent = "must be present and consistent with the issued certificate";
  if (notBefore === undefined || notAfter === undefined || beginRefreshAt === undefined) {
    return [
      ...(notBefore === undefined ? [required("status.notBefore", consistent)] : []), ...(notAfter === undefined ? [required("status.notAfter", consistent)] : []),
      ...(beginRefreshAt === undefined ? [required("status.beginRefreshAt", "must be present and in the range [notbefore+10min, notafter-10min]")] : []),
    ];
  }
  const [from, to, refresh] = [leaf.validFromDate.getTime(), leaf.validToDate.getTime(), Date.parse(beginRefreshAt)];
  const lifetime = to - from;
  if (Date.parse(notBefore) !== from) return [invalidValue("status.notBefore", notBefore, "must be set to the NotBefore time encoded in the leaf certificate")];
  if (Date.parse(notAfter) !== to) return [invalidValue("status.notAfter", notAfter, "must be set to the NotAfter time encoded in the leaf certificate")];
  if (lifetime < hourMs) return broken(goDuration(lifetime), "leaf certificate lifetime must be >= 1 hour");
  if (lifetime > (spec.maxExpirationSeconds ?? 0) * 1000) return broken(goDuration(lifetime), `leaf certificate lifetime must be <= spec.maxExpirationSeconds (${spec.maxExpirationSeconds ?? 0})`);
  if (refresh < from + 10 * minuteMs) return [invalidValue("status.beginRefreshAt", beginRefreshAt, "must be at least 10 minutes after status.notBefore")];
  if (refresh > to - 10 * minuteMs) return [invalidValue("status.beginRefreshAt", beginRefreshAt, "must be at least 10 minutes before status.notAfter")];
  return [];
}
