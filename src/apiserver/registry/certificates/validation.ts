import { X509Certificate } from "node:crypto";
import type { CertificateSigningRequest, CertificateSigningRequestCondition } from "#api/gen/certificates-v1.ts";
import { apiSchema } from "#api/schema.ts";
import { semanticEqual } from "#apimachinery/equal.ts";
import type { Cause } from "#apimachinery/status.ts";
import { duplicate, forbidden, invalidValue, notSupported, required } from "#apimachinery/validation/causes.ts";
import { CsrError, parseCsr, type Csr } from "#base/csr.ts";
import { pemBlocks } from "#base/pem.ts";
import { difference } from "../common/difference.ts";
import { validateSignerName } from "./signer-name.ts";

type Request = CertificateSigningRequest;

const shortestSeconds = 600;
const legacySigner = "kubernetes.io/legacy-unknown";
const knownUsages = (apiSchema.enums["certificates/v1.KeyUsage"] ?? []).toSorted();
const decisions: readonly string[] = ["Approved", "Denied"];
const neverTakenBack: readonly string[] = [...decisions, "Failed"];
const conditionsField = "status.conditions";

/** What is asked for, or why that cannot be read. */
export function readRequest({ spec }: Pick<Request, "spec">): Csr | CsrError {
  try {
    return parseCsr(Buffer.from(spec.request, "base64").toString("latin1"));
  } catch (err) {
    if (err instanceof CsrError) return err;
    throw err;
  }
}

/** Upstream: pkg/apis/certificates/validation validateCertificateSigningRequest */
export function validateRequest(request: Request): readonly Cause[] {
  const { usages = [], signerName, expirationSeconds: seconds, request: bytes } = request.spec;
  const read = readRequest(request);
  return [
    ...(read instanceof CsrError ? [invalidValue("spec.request", bytes, read.message)] : []),
    ...(usages.length === 0 ? [required("spec.usages")] : []),
    ...usages.flatMap((usage, i) => (knownUsages.includes(usage) ? [] : [notSupported(`spec.usages[${i}]`, usage, knownUsages)])),
    ...usages.flatMap((usage, i) => (usages.indexOf(usage) < i ? [duplicate(`spec.usages[${i}]`, usage)] : [])),
    ...(signerName === legacySigner
      ? [invalidValue("spec.signerName", signerName, "the legacy signerName is not allowed via this API version")]
      : validateSignerName(signerName, "spec.signerName")),
    ...(seconds !== undefined && seconds < shortestSeconds
      ? [invalidValue("spec.expirationSeconds", seconds, "may not specify a duration less than 600 seconds (10 minutes)")]
      : []),
    ...validateConditions(request.status.conditions ?? []),
  ];
}

function validateConditions(conditions: readonly CertificateSigningRequestCondition[]): readonly Cause[] {
  const firstOf = (type: string): number => conditions.findIndex((condition) => condition.type === type);
  return conditions.flatMap(({ type, status }, i) => {
    const allowed = neverTakenBack.includes(type) ? ["True"] : ["False", "True", "Unknown"];
    const rival = firstOf(decisions.find((other) => decisions.includes(type) && other !== type) ?? "");
    return [
      ...(type === "" ? [required(`${conditionsField}[${i}].type`)] : []),
      ...(status === "" ? [required(`${conditionsField}[${i}].status`)] : allowed.includes(status) ? [] : [notSupported(`${conditionsField}[${i}].status`, status, allowed)]),
      ...(rival >= 0 && rival < i ? [invalidValue(conditionsField, type, "Approved and Denied conditions are mutually exclusive")] : []),
      ...(firstOf(type) < i ? [duplicate(`${conditionsField}[${i}].type`, type)] : []),
    ];
  });
}

const ofType = ({ status }: Request, type: string): readonly CertificateSigningRequestCondition[] => (status.conditions ?? []).filter((condition) => condition.type === type);

const validateNoRemoval = (next: Request, old: Request): readonly Cause[] =>
  neverTakenBack.filter((type) => ofType(next, type).length < ofType(old, type).length)
    .map((type) => forbidden(conditionsField, `updates may not remove a condition of type "${type}"`));

/** Only `approval` decides. */
const validateNoDecision = (next: Request, old: Request): readonly Cause[] => decisions.flatMap((type) => {
  const [after, before] = [ofType(next, type), ofType(old, type)];
  if (after.length > before.length) return [forbidden(conditionsField, `updates may not add a condition of type "${type}"`)];
  if (after.length < before.length || semanticEqual(after, before)) return [];
  return [forbidden(conditionsField, `updates may not modify a condition of type "${type}"\n${difference(before, after)}`)];
});

const sameCertificate = (next: Request, old: Request): boolean => (next.status.certificate ?? "") === (old.status.certificate ?? "");

/** Upstream: pkg/apis/certificates/validation ValidateCertificateSigningRequestUpdate */
export const validateRequestUpdate = (next: Request, old: Request): readonly Cause[] => [...validateNoRemoval(next, old), ...validateNoDecision(next, old)];

/** Upstream: pkg/apis/certificates/validation ValidateCertificateSigningRequestApprovalUpdate */
export const validateApprovalUpdate = (next: Request, old: Request): readonly Cause[] => [...validateRequest(next), ...validateNoRemoval(next, old)];

/** Upstream: pkg/apis/certificates/validation ValidateCertificateSigningRequestStatusUpdate */
export function validateStatusUpdate(next: Request, old: Request): readonly Cause[] {
  const changed = !sameCertificate(next, old);
  return [
    ...validateRequest(next), ...(changed ? validateCertificate(next.status.certificate ?? "") : []),
    ...validateNoRemoval(next, old), ...validateNoDecision(next, old),
    ...(changed && old.status.certificate ? [forbidden("status.certificate", "updates may not modify existing certificate content")] : []),
  ];
}

/** Upstream: pkg/apis/certificates/validation validateCertificate */
function validateCertificate(base64: string): readonly Cause[] {
  const why = certificateProblem(Buffer.from(base64, "base64").toString("latin1"));
  return why === undefined ? [] : [invalidValue("status.certificate", "<certificate data>", why)];
}

function certificateProblem(pem: string): string | undefined {
  if (pem === "") return undefined;
  const blocks = pemBlocks(pem);
  if (blocks.length === 0) return "must contain at least one CERTIFICATE PEM block";
  for (const { label, hasHeaders, bytes } of blocks) {
    if (label !== "CERTIFICATE") return `only CERTIFICATE PEM blocks are allowed, found ${JSON.stringify(label)}`;
    if (hasHeaders) return "no PEM block headers are permitted";
    if (readCertificate(bytes) === undefined) return "x509: malformed certificate";
  }
  return undefined;
}

/** Undefined for what is none, or more than one. @param bytes DER */
export function readCertificate(bytes: Uint8Array): X509Certificate | undefined {
  try {
    const certificate = new X509Certificate(bytes);
    return certificate.raw.equals(bytes) ? certificate : undefined;
  } catch {
    return undefined;
  }
}
