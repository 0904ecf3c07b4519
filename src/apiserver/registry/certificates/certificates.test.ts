import assert from "node:assert/strict";
import { test } from "node:test";
import type { CertificateSigningRequest } from "#api/gen/certificates-v1.ts";
import { ellipticCsr, someCertificate } from "#base/csr-fixture.ts";
import type { StatusLike } from "../resource.ts";
import { cells, objectOf, refusals, texts } from "../fixture.ts";
import { certificateSigningRequests as csrs } from "./certificate-signing-request.ts";

const encoded = (text: string): string => Buffer.from(text).toString("base64");
const good = { request: encoded(ellipticCsr), signerName: "example.com/web", usages: ["client auth"] };
const domainForm = "must be a fully qualified domain and path of the form 'example.com/signer-name'";
const usages = '"any", "cert sign", "client auth", "code signing", "content commitment", "crl sign", "data encipherment", "decipher only", "digital signature", "email protection", "encipher only", "ipsec end system", "ipsec tunnel", "ipsec user", "key agreement", "key encipherment", "microsoft sgc", "netscape sgc", "ocsp signing", "s/mime", "server auth", "signing", "timestamping"';

// Upstream: pkg/apis/certificates/validation validateCertificateSigningRequest
const cases: readonly (readonly [name: string, spec: object, want: readonly string[]])[] = [
  ["all it needs", {}, []],
  ["no request in it", { request: "" }, ['spec.request: Invalid value: "": PEM block type must be CERTIFICATE REQUEST']],
  ["no usages", { usages: [] }, ["spec.usages: Required value"]],
  ["usages twice", { usages: ["any", "any"] }, ['spec.usages[1]: Duplicate value: "any"']],
  ["a usage of its own", { usages: ["mine"] }, [`spec.usages[0]: Unsupported value: "mine": supported values: ${usages}`]],
  ["the signer of old", { signerName: "kubernetes.io/legacy-unknown" }, ['spec.signerName: Invalid value: "kubernetes.io/legacy-unknown": the legacy signerName is not allowed via this API version']],
  ["no signer", { signerName: "" }, ["spec.signerName: Required value"]],
  ["a signer without a path", { signerName: "example.com" }, [`spec.signerName: Invalid value: "example.com": ${domainForm}`]],
  ["a signer with two paths", { signerName: "example.com/a/b" }, [`spec.signerName: Invalid value: "example.com/a/b": ${domainForm}`]],
  ["a signer without a domain", { signerName: "example/a" }, ['spec.signerName: Invalid value: "example": should be a domain with at least two segments separated by dots']],
  ["a short life", { expirationSeconds: 599 }, ["spec.expirationSeconds: Invalid value: 599: may not specify a duration less than 600 seconds (10 minutes)"]],
];
for (const [name, spec, want] of cases) test(`a request with ${name}`, () => assert.deepEqual(refusals(csrs, { spec: { ...good, ...spec } }), want));

const csrOf = (status: object): CertificateSigningRequest => objectOf(csrs, { spec: good, status });
const condition = (type: string, rest: object = {}): object => ({ type, status: "True", ...rest });
function written(subresource: "status" | "approval", old: object, next: object): readonly string[] {
  const write = csrs.subresources?.[subresource] as StatusLike<CertificateSigningRequest>;
  const [before, after] = [csrOf(old), csrOf(next)];
  write.prepareUpdate(after, before);
  return texts(write.validateUpdate?.(after, before));
}

const approved = { conditions: [condition("Approved")] };
// Upstream: pkg/apis/certificates/validation validateCertificateSigningRequestUpdate
const changes: readonly (readonly [name: string, via: "status" | "approval", old: object, next: object, want: readonly string[]])[] = [
  ["an approval", "approval", {}, approved, []],
  ["an approval by the wrong way", "status", {}, approved, ['status.conditions: Forbidden: updates may not add a condition of type "Approved"']],
  ["an approval that is no longer", "approval", approved, {}, ['status.conditions: Forbidden: updates may not remove a condition of type "Approved"']],
  ["an approval that is none", "approval", {}, { conditions: [condition("Approved", { status: "False" })] }, ['status.conditions[0].status: Unsupported value: "False": supported values: "True"']],
  ["both decisions", "approval", {}, { conditions: [condition("Approved"), condition("Denied")] }, ['status.conditions: Invalid value: "Denied": Approved and Denied conditions are mutually exclusive']],
  ["one decision twice", "approval", {}, { conditions: [condition("Approved"), condition("Approved")] }, ['status.conditions[1].type: Duplicate value: "Approved"']],
  ["a condition of nothing", "approval", {}, { conditions: [{ type: "", status: "" }] }, ["status.conditions[0].type: Required value", "status.conditions[0].status: Required value"]],
  ["another reason", "status", approved, { conditions: [condition("Approved", { reason: "x" })] }, ['status.conditions: Forbidden: updates may not modify a condition of type "Approved"\n+[0].reason: "x"']],
  ["a certificate", "status", {}, { certificate: encoded(someCertificate) }, []],
  ["a certificate by the way of approval, which takes no notice", "approval", {}, { certificate: encoded(someCertificate) }, []],
  ["a second certificate", "status", { certificate: encoded(someCertificate) }, { certificate: encoded(someCertificate + someCertificate) }, ["status.certificate: Forbidden: updates may not modify existing certificate content"]],
  ["a text", "status", {}, { certificate: encoded("hello") }, ['status.certificate: Invalid value: "<certificate data>": must contain at least one CERTIFICATE PEM block']],
  ["a request as certificate", "status", {}, { certificate: encoded(ellipticCsr) }, ['status.certificate: Invalid value: "<certificate data>": only CERTIFICATE PEM blocks are allowed, found "CERTIFICATE REQUEST"']],
];
for (const [name, via, old, next, want] of changes) test(`${via} is given ${name}`, () => assert.deepEqual(written(via, old, next), want));

test("a request keeps what it asks for", () => {
  const [old, next] = [csrOf({}), objectOf(csrs, { spec: { ...good, signerName: "example.com/other" } })];
  csrs.prepareUpdate?.(next, old);
  assert.equal(next.spec.signerName, "example.com/web");
  assert.equal(csrs.selectableFields?.["spec.signerName"]?.(next), "example.com/web");
});

test("a request shows what has become of it", () => {
  const shown = (status: object): unknown => cells(csrs, { spec: good, status }).at(-1);
  assert.deepEqual([{}, approved, { conditions: [condition("Denied")] }, { conditions: [condition("Approved"), condition("Failed")] }, { ...approved, certificate: "YQ==" }].map(shown), ["Pending", "Approved", "Denied", "Approved,Failed", "Approved,Issued"]);
  assert.deepEqual(cells(csrs, { spec: { ...good, username: "ada", expirationSeconds: 3600 } }), ["x", "<unknown>", "example.com/web", "ada", "60m", "Pending"]);
});
