import assert from "node:assert/strict";
import { test } from "node:test";
import { someCertificate } from "#base/csr-fixture.ts";
import { pemBlocks, pemText } from "#base/pem.ts";
import { issue, newCa } from "#base/pki.ts";
import { cells, changeRefusals, refusals, table } from "../fixture.ts";
import { clusterTrustBundles as bundles } from "./cluster-trust-bundle.ts";

const ca = newCa("x", 0);
const leaf = issue(ca, { commonName: "leaf", usages: ["client"], days: 1 }, 0).cert;
const named = (name: string, spec: object = {}): object => ({ metadata: { name }, spec: { trustBundle: ca.cert, ...spec } });
const bundle = (trustBundle: string): object => named("x", { trustBundle });
const wrong = (why: string): string => `spec.trustBundle: Invalid value: "<value omitted>": ${why}`;
const subdomain = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

// Upstream: pkg/apis/certificates/validation TestValidateClusterTrustBundle
table(bundles, [
  ["all it needs", bundle(ca.cert), []],
  ["two anchors and words about them", bundle(`first\n${ca.cert}second\n${someCertificate}`), []],
  ["no anchor", bundle(""), [wrong("at least one trust anchor must be provided")]],
  ["words alone", bundle("hello"), [wrong("at least one trust anchor must be provided")]],
  ["a key", bundle(ca.key), [wrong("entry 0 has bad block type: PRIVATE KEY")]],
  ["headers", bundle(ca.cert.replace("CERTIFICATE-----\n", "CERTIFICATE-----\nA: b\n\n")), [wrong("entry 0 has PEM block headers")]],
  ["bytes that are no certificate", bundle(ca.cert + pemText("CERTIFICATE", Buffer.from("x"))), [wrong("entry 1 does not parse as X.509")]],
  ["bytes behind a certificate", bundle(pemText("CERTIFICATE", Buffer.concat([pemBlocks(ca.cert)[0]?.bytes ?? Buffer.alloc(0), Buffer.from("x")]))), [wrong("entry 0 does not parse as X.509")]],
  ["text where bytes should be", bundle(pemText("CERTIFICATE", Buffer.from(ca.cert))), [wrong("entry 0 does not parse as X.509")]],
  ["a certificate that signs nothing", bundle(leaf), [wrong("entry 0 does not have the CA bit set")]],
  ["one anchor thrice", bundle(ca.cert + someCertificate + ca.cert + ca.cert), [wrong("duplicate trust anchor (indices [0 2 3])")]],
  ["more than a mebibyte", bundle("x".repeat(1024 * 1024 + 1)), ["spec.trustBundle: Too long: may not be more than 1048576 bytes"]],
  ["a signer and its name", named("example.com:web:v1", { signerName: "example.com/web" }), []],
  ["a signer and another name", named("v1", { signerName: "example.com/web" }), ['metadata.name: Invalid value: "v1": ClusterTrustBundle for signerName example.com/web must be named with prefix example.com:web:']],
  ["a signer and a name that ends badly", named("example.com:web:V", { signerName: "example.com/web" }), [`metadata.name: Invalid value: "example.com:web:V": ${subdomain}`]],
  ["a signer's name without a signer", named("example.com:web:v1"), ['metadata.name: Invalid value: "example.com:web:v1": ClusterTrustBundle without signer name must not have ":" in its name']],
  ["a signer without a path", named("example:v1", { signerName: "example" }), ["spec.signerName: Invalid value: \"example\": must be a fully qualified domain and path of the form 'example.com/signer-name'"]],
]);

test("a name is generated under the signer's", () => {
  const asked = (generateName: string): readonly string[] => refusals(bundles, { metadata: { name: "example.com:web:abc", generateName }, spec: { signerName: "example.com/web", trustBundle: ca.cert } });
  assert.deepEqual([asked("example.com:web:a-"), asked("a-")], [[], ['metadata.generateName: Invalid value: "a-": ClusterTrustBundle for signerName example.com/web must be named with prefix example.com:web:']]);
});

test("a bundle keeps its signer; what is not changed is not looked at again", () => {
  const old = named("x", { trustBundle: "was once valid" });
  assert.deepEqual(changeRefusals(bundles, old, old), []);
  assert.deepEqual(changeRefusals(bundles, old, bundle(leaf)), [wrong("entry 0 does not have the CA bit set")]);
  assert.deepEqual(changeRefusals(bundles, bundle(ca.cert), named("x", { signerName: "example.com/web" })), ['spec.signerName: Invalid value: "example.com/web": field is immutable']);
});

test("columns, and what a selector may ask for", () => {
  assert.deepEqual([cells(bundles, named("x")), cells(bundles, named("x", { signerName: "example.com/web" }))], [["x", "<none>"], ["x", "example.com/web"]]);
  assert.equal(bundles.selectableFields?.["spec.signerName"]?.({ metadata: { name: "x" }, spec: { trustBundle: "" } }), "");
});
