import assert from "node:assert/strict";
import { constants, createPublicKey, generateKeyPairSync, sign, type KeyObject } from "node:crypto";
import { test } from "node:test";
import type { PodCertificateRequest, PodCertificateRequestStatus } from "#api/gen/certificates-v1beta1.ts";
import { timestamp } from "#apimachinery/time.ts";
import { stubCsr } from "#base/new-csr.ts";
import { newCa, signCertificate } from "#base/pki.ts";
import { cells, changed, made, refusals, statusRefusals, table } from "../fixture.ts";
import { podCertificateRequests as requests } from "./pod-certificate-request.ts";

const elliptic = (namedCurve: string): KeyObject => generateKeyPairSync("ec", { namedCurve }).privateKey;
const edwards = generateKeyPairSync("ed25519").privateKey;
const rsa = (modulusLength: number): KeyObject => generateKeyPairSync("rsa", { modulusLength }).privateKey;
const rsa3072 = rsa(3072);
const key = elliptic("P-256");
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");
const pkix = (of: KeyObject): string => createPublicKey(of).export({ type: "spki", format: "der" }).toString("base64");

const about = { podName: "web", podUID: "pod-uid", serviceAccountName: "default", serviceAccountUID: "account-uid", nodeName: "node", nodeUID: "node-uid" };
const base = { ...about, signerName: "example.com/web", stubPKCS10Request: base64(stubCsr(key)) };
const spec = (fields: object): object => ({ spec: { ...base, ...fields } });
/** In the older form. */
const proven = (of: KeyObject, proof: Uint8Array, fields: object = {}): object => spec({ stubPKCS10Request: undefined, pkixPublicKey: pkix(of), proofOfPossession: base64(proof), ...fields });
const uid = Buffer.from("pod-uid");
const pss = (of: KeyObject): Buffer => sign("sha256", uid, { key: of, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST });
const subdomain = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const badProof = "spec.proofOfPossession: Invalid value: could not verify proof-of-possession signature";
const oneForm = "spec: Invalid value: exactly one of (stubPKCS10Request) or (pkixPublicKey, proofOfPossession) must be set";

// Upstream: pkg/apis/certificates/validation TestValidatePodCertificateRequestCreate
table(requests, [
  ["all it needs", spec({}), []],
  ["no signer", spec({ signerName: "" }), ["spec.signerName: Required value"]],
  ["a pod's name that is none", spec({ podName: "A" }), [`spec.podName: Invalid value: "A": ${subdomain}`]],
  ["no uid of the pod", spec({ podUID: "" }), ['spec.podUID: Invalid value: "": must not be empty']],
  ["a uid without end", spec({ nodeUID: "x".repeat(129) }), ["spec.nodeUID: Too long: may not be more than 128 bytes"]],
  ["an hour less a second", spec({ maxExpirationSeconds: 3599 }), ["spec.maxExpirationSeconds: Invalid value: 3599: must be in the range [3600, 7862400]"]],
  ["two days of a signer of Kubernetes", spec({ signerName: "kubernetes.io/web", maxExpirationSeconds: 172_800 }), ["spec.maxExpirationSeconds: Invalid value: 172800: must be in the range [3600, 86400]"]],
  ["an annotation without a domain", spec({ unverifiedUserAnnotations: { a: "b" } }), ['spec.unverifiedUserAnnotations: Invalid value: "a": must be a domain-prefixed key (such as "acme.io/foo")']],
  ["no key at all", spec({ stubPKCS10Request: undefined }), [oneForm]],
  ["a key in both forms", spec({ pkixPublicKey: pkix(key), proofOfPossession: base64(sign("sha256", uid, key)) }), [oneForm]],
  ["a key and no proof", spec({ stubPKCS10Request: undefined, pkixPublicKey: pkix(key) }), [oneForm]],
  ["a request that is none", spec({ stubPKCS10Request: "AAAA" }), ['spec.stubPKCS10Request: Invalid value: "AAAA": must be a valid PKCS#10 CSR']],
  ["a request without end", spec({ stubPKCS10Request: base64(Buffer.alloc(10 * 1024 + 1)) }), ["spec.stubPKCS10Request: Too long: may not be more than 10240 bytes"]],
  ["a request of a short key", spec({ stubPKCS10Request: base64(stubCsr(rsa(2048))) }), ['spec.stubPKCS10Request: Invalid value: "2048-bit modulus": RSA keys must have modulus size 3072 or 4096']],
  ["Ed25519 proven", proven(edwards, sign(null, uid, edwards)), []],
  ["RSA proven", proven(rsa3072, pss(rsa3072)), []],
  ["P-521 proven", proven(...((of) => [of, sign("sha256", uid, of)] as const)(elliptic("P-521"))), []],
  ["a proof by another key", proven(key, sign("sha256", uid, elliptic("P-256"))), [badProof]],
  ["a proof of another pod", proven(edwards, sign(null, Buffer.from("other"), edwards)), [badProof]],
  ["a proof of RSA in the older padding", proven(rsa3072, sign("sha256", uid, rsa3072)), [badProof]],
  ["a curve too short", proven(elliptic("secp224r1"), Buffer.of(1)), ['spec.pkixPublicKey: Invalid value: "curve P-224": elliptic public keys must use curve P256 or P384']],
  ["a key that is none", spec({ stubPKCS10Request: undefined, pkixPublicKey: "AAAA", proofOfPossession: "AAAA" }), ['spec.pkixPublicKey: Invalid value: "AAAA": must be a valid PKIX-serialized public key']],
]);

const request = (): PodCertificateRequest => made(requests, spec({}));
const now = Date.parse("2026-01-01T00:00:00Z");
const ca = newCa("x", now);
const minute = 60_000;
const leafOf = (fields: { readonly dns?: readonly string[]; readonly days?: number; readonly of?: KeyObject }): string =>
  signCertificate(ca, createPublicKey(fields.of ?? key), { commonName: "web", dns: fields.dns ?? ["web.example.com"], usages: ["client"], days: fields.days ?? 0.5 }, now);
const from = now - 5 * minute;
const to = now + 12 * 60 * minute;
const ended = (type: string, status: object = {}, condition: object = {}): PodCertificateRequestStatus =>
  ({ conditions: [{ type, status: "True", reason: "ByTest", message: "", lastTransitionTime: timestamp(now), ...condition }], ...status }) as PodCertificateRequestStatus;
const issued = (status: object = {}, chain = leafOf({}) + ca.cert): PodCertificateRequestStatus =>
  ended("Issued", { certificateChain: chain, notBefore: timestamp(from), notAfter: timestamp(to), beginRefreshAt: timestamp(to - 60 * minute), ...status });
const notIssued = (why: string): string => `status.certificateChain: Invalid value: ${why}`;
const last = "status: Invalid value: immutable after PodCertificateRequest is issued, denied, or failed";

// Upstream: pkg/apis/certificates/validation TestValidatePodCertificateRequestUpdate
const answers: readonly (readonly [name: string, next: PodCertificateRequestStatus, want: readonly string[], old?: PodCertificateRequestStatus])[] = [
  ["a certificate and its chain", issued(), []],
  ["a denial", ended("Denied"), []],
  ["a failure", ended("Failed"), []],
  ["nothing", {}, []],
  ["a chain and no decision", { certificateChain: ca.cert }, ['status: Invalid value: status is immutable unless transitioning to "Issued", "Denied", or "Failed"']],
  ["a denial with a chain", ended("Denied", { certificateChain: ca.cert }), ["status: Invalid value: non-condition status fields must be empty when denying or failing the PodCertificateRequest"]],
  ["a second decision", ended("Denied"), [last], issued()],
  ["the same decision again", ended("Denied"), [], ended("Denied")],
  ["two decisions", { conditions: [...ended("Denied").conditions ?? [], ...ended("Failed").conditions ?? []] }, ['status.conditions[1].type: Invalid value: "Failed": There may be at most one condition with type "Issued", "Denied", or "Failed"']],
  ["a decision of its own", ended("Approved"), ['status.conditions[0].type: Unsupported value: "Approved": supported values: "Issued", "Denied", "Failed"']],
  ["half a decision", ended("Denied", {}, { status: "False" }), ['status.conditions[0].status: Unsupported value: "False": supported values: "True"']],
  ["a decision without a reason", ended("Denied", {}, { reason: "" }), ["status.conditions[0].reason: Required value: must be set"]],
  ["no certificate", issued({}, ""), [notIssued('"": issued certificate chain must contain at least one certificate')]],
  ["a key", issued({}, ca.key), [notIssued(`${JSON.stringify(ca.key)}: issued certificate chain must consist entirely of CERTIFICATE PEM blocks`)]],
  ["a certificate of another key", issued({}, leafOf({ of: elliptic("P-256") })), ["leaf certificate was not issued to the requested public key"]],
  ["a name that begins with a dot", issued({}, leafOf({ dns: ["a", ".b"] })), [notIssued('".b": leaf certificate\'s DNSName should not start or end with \'.\'')]],
  ["a name with a hole", issued({}, leafOf({ dns: ["a..b"] })), [notIssued('"a..b": leaf certificate\'s DNSName should not contain \'..\'')]],
  ["no times", issued({ notBefore: undefined, notAfter: undefined, beginRefreshAt: undefined }), ["status.notBefore: Required value: must be present and consistent with the issued certificate", "status.notAfter: Required value: must be present and consistent with the issued certificate", "status.beginRefreshAt: Required value: must be present and in the range [notbefore+10min, notafter-10min]"]],
  ["another beginning", issued({ notBefore: timestamp(now) }), ['status.notBefore: Invalid value: "2026-01-01T00:00:00Z": must be set to the NotBefore time encoded in the leaf certificate']],
  ["another end", issued({ notAfter: timestamp(now) }), ['status.notAfter: Invalid value: "2026-01-01T00:00:00Z": must be set to the NotAfter time encoded in the leaf certificate']],
  ["a refresh at once", issued({ beginRefreshAt: timestamp(now) }), ['status.beginRefreshAt: Invalid value: "2026-01-01T00:00:00Z": must be at least 10 minutes after status.notBefore']],
  ["a refresh at the end", issued({ beginRefreshAt: timestamp(to) }), ['status.beginRefreshAt: Invalid value: "2026-01-01T12:00:00Z": must be at least 10 minutes before status.notAfter']],
  ["a life of minutes", issued({ notAfter: timestamp(now + 36 * minute), beginRefreshAt: timestamp(now + 10 * minute) }, leafOf({ days: 0.025 })), [notIssued('"41m0s": leaf certificate lifetime must be >= 1 hour')]],
  ["a life of days", issued({ notAfter: timestamp(now + 2 * 1440 * minute) }, leafOf({ days: 2 })), [notIssued('"48h5m0s": leaf certificate lifetime must be <= spec.maxExpirationSeconds (86400)')]],
];
for (const [name, next, want, old = {}] of answers) {
  test(`a signer answers with ${name}`, () => {
    const said = statusRefusals(requests, { ...request(), status: next }, { ...request(), status: old });
    assert.deepEqual(said.map((text) => (want.length === 1 && text.endsWith(want[0] ?? "") ? want[0] : text)), want);
  });
}

test("a request keeps what it asks for, and what was decided keeps its words", () => {
  const old = request();
  const next = changed(requests, old, (object) => { object.spec.podName = "other"; });
  assert.deepEqual(requests.validateUpdate?.(next, old).map(({ field }) => field), ["spec"]);
  const denied = { ...request(), status: ended("Denied") };
  const status = requests.subresources?.["status"];
  assert(status?.type === "write");
  const again = structuredClone({ ...denied, metadata: { ...denied.metadata, labels: { a: "b" } }, status: ended("Denied", {}, { reason: "Other" }) });
  status.prepareUpdate(again, denied);
  assert.deepEqual(again, denied);
});

test("a day is asked for where nothing is said; columns, and what a selector may ask for", () => {
  assert.equal(request().spec.maxExpirationSeconds, 86_400);
  assert.deepEqual(refusals(requests, spec({ maxExpirationSeconds: 3600 })), []);
  assert.deepEqual([{}, ended("Denied"), issued()].map((status) => cells(requests, { ...spec({}), status })), ["Pending", "Denied", "Issued"].map((state) => ["x", "web", "default", "node", "example.com/web", state]));
  assert.deepEqual(Object.entries(requests.selectableFields ?? {}).map(([field, read]) => [field, read(request())]), [["spec.signerName", "example.com/web"], ["spec.podName", "web"], ["spec.nodeName", "node"]]);
});
