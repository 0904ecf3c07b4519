import { constants, createPublicKey, verify, type KeyObject } from "node:crypto";
import type { PodCertificateRequestSpec } from "#api/gen/certificates-v1beta1.ts";
import type { Cause } from "#apimachinery/status.ts";
import { invalidUnshown, invalidValue, tooLong } from "#apimachinery/validation/causes.ts";
import { CsrError, readCsr } from "#base/csr.ts";

/** Upstream: pkg/apis/certificates MaxPKIXPublicKeySize, MaxProofOfPossessionSize, MaxStubPKCS10RequestSize */
const mostBytes = 10 * 1024;
const keyField = "spec.pkixPublicKey";
const stubField = "spec.stubPKCS10Request";
const proofField = "spec.proofOfPossession";
const bytesOf = (base64: string | undefined): Buffer => Buffer.from(base64 ?? "", "base64");

/** Upstream's names of curves; of others Go reads no key. */
const curves: Readonly<Record<string, string>> = { prime256v1: "P-256", secp384r1: "P-384", secp521r1: "P-521", secp224r1: "P-224" };

/** The key that a certificate is asked for, as its request names it; undefined for one that does not. */
export function requestedKey({ stubPKCS10Request, pkixPublicKey }: PodCertificateRequestSpec): KeyObject | undefined {
  const stub = stubPKCS10Request ? readStub(stubPKCS10Request) : undefined;
  return stub instanceof CsrError ? undefined : (stub ?? readKey(bytesOf(pkixPublicKey)));
}

/** A key of the right sort, and a proof that its asker has it: in a request that it signs, or as its signature of the pod's uid. Upstream: pkg/apis/certificates/validation ValidatePodCertificateRequestCreate */
export function validateRequestedKey(spec: PodCertificateRequestSpec): readonly Cause[] {
  const { stubPKCS10Request: stub, pkixPublicKey, proofOfPossession } = spec;
  const [first] = ([[keyField, pkixPublicKey], [proofField, proofOfPossession], [stubField, stub]] as const).filter(([, value]) => bytesOf(value).length > mostBytes);
  if (first !== undefined) return [tooLong(first[0], mostBytes)];
  const given = [Boolean(stub), Boolean(pkixPublicKey), Boolean(proofOfPossession)].map(Number).join("");
  if (given === "100") return validateStub(stub);
  if (given === "011") return validateProvenKey(spec);
  return [invalidUnshown("spec", "exactly one of (stubPKCS10Request) or (pkixPublicKey, proofOfPossession) must be set")];
}

function validateStub(base64: string): readonly Cause[] {
  const key = readStub(base64);
  return key instanceof CsrError ? [invalidValue(stubField, base64, "must be a valid PKCS#10 CSR")] : validateSort(key, base64, stubField);
}

function validateProvenKey({ pkixPublicKey = "", proofOfPossession, podUID }: PodCertificateRequestSpec): readonly Cause[] {
  const key = readKey(bytesOf(pkixPublicKey));
  if (key === undefined) return [invalidValue(keyField, pkixPublicKey, "must be a valid PKIX-serialized public key")];
  const causes = validateSort(key, pkixPublicKey, keyField);
  if (causes.length > 0) return causes;
  return isSignedBy(key, Buffer.from(podUID), bytesOf(proofOfPossession)) ? [] : [invalidUnshown(proofField, "could not verify proof-of-possession signature")];
}

function validateSort({ asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject, shown: string, field: string): readonly Cause[] {
  const bits = details?.modulusLength ?? 0;
  const curve = curves[details?.namedCurve ?? ""];
  if (type === "ed25519") return [];
  if (type === "rsa") return bits === 3072 || bits === 4096 ? [] : [invalidValue(field, `${bits}-bit modulus`, "RSA keys must have modulus size 3072 or 4096")];
  if (type === "ec" && curve !== undefined) return curve === "P-224" ? [invalidValue(field, `curve ${curve}`, "elliptic public keys must use curve P256 or P384")] : []; // upstream forgets P521, which it takes
  if (type === "ec") return [invalidValue(field, shown, "must be a valid PKIX-serialized public key")];
  return [invalidValue(field, shown, "unknown public key type; supported types are Ed25519, ECDSA, and RSA")];
}

function isSignedBy(key: KeyObject, data: Buffer, signature: Buffer): boolean {
  if (key.asymmetricKeyType === "ed25519") return verify(null, data, key, signature);
  if (key.asymmetricKeyType !== "rsa") return verify("sha256", data, key, signature);
  return verify("sha256", data, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_AUTO }, signature);
}

function readStub(base64: string): KeyObject | CsrError {
  try {
    return readCsr(bytesOf(base64)).publicKey;
  } catch (err) {
    if (err instanceof CsrError) return err;
    throw err;
  }
}

function readKey(der: Buffer): KeyObject | undefined {
  try {
    return createPublicKey({ key: der, format: "der", type: "spki" });
  } catch {
    return undefined;
  }
}
