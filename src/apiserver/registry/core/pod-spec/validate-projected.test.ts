import assert from "node:assert/strict";
import { test } from "node:test";
import type { VolumeProjection } from "#api/gen/core-v1.ts";
import { validateProjected } from "./validate-projected.ts";

const problems = (...sources: readonly VolumeProjection[]): readonly string[] => validateProjected({ sources: [...sources] }, "v").map(({ field, message }) => `${field}: ${message}`);
const bundle = (fields: object): VolumeProjection => ({ clusterTrustBundle: { path: "ca.pem", ...fields } });
const certificate = (fields: object): VolumeProjection => ({ podCertificate: { signerName: "example.com/web", keyType: "ED25519", credentialBundlePath: "tls.pem", ...fields } });
const at = "v.sources[0].clusterTrustBundlePEM";
const on = "v.sources[0].podCertificate";
const subdomain = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

// Upstream: pkg/apis/core/validation TestValidateVolumes, validateProjectionSources
const cases: readonly (readonly [name: string, sources: readonly VolumeProjection[], want: readonly string[]])[] = [
  ["a bundle by name", [bundle({ name: "corp" })], []],
  ["a bundle of a signer by name", [bundle({ name: "example.com:web:v1" })], []],
  ["all bundles of a signer", [bundle({ signerName: "example.com/web", labelSelector: {}, optional: true })], []],
  ["neither name nor signer", [bundle({})], [`${at}: Required value: either name or signerName must be specified`]],
  ["both", [bundle({ name: "a", signerName: "example.com/web" })], [`${at}: Invalid value: {"path":"ca.pem","name":"a","signerName":"example.com/web"}: only one of name and signerName may be used`]],
  ["a name that is none", [bundle({ name: "A" })], [`${at}.name: Invalid value: "A": not a valid clustertrustbundlename: ${subdomain}`]],
  ["a name and labels", [bundle({ name: "a", labelSelector: {} })], [`${at}.labelSelector: Invalid value: {}: labelSelector must be unset if name is specified`]],
  ["a signer without a path", [bundle({ signerName: "web" })], [`${at}.signerName: Invalid value: "web": must be a fully qualified domain and path of the form 'example.com/signer-name'`]],
  ["labels that are none", [bundle({ signerName: "example.com/web", labelSelector: { matchExpressions: [{ key: "a", operator: "Is" }] } })], [`${at}.labelSelector.matchExpressions[0].operator: Invalid value: "Is": not a valid selector operator`]],
  ["no path", [bundle({ name: "a", path: "" })], [`${at}.path: Required value`]],
  ["a path that climbs", [bundle({ name: "a", path: "../x" })], [`${at}.path: Invalid value: "../x": must not contain '..'`]],
  ["one path twice", [bundle({ name: "a" }), bundle({ name: "b" })], ['v: Invalid value: "ca.pem": conflicting duplicate paths']],
  ["a certificate", [certificate({ maxExpirationSeconds: 7_862_400, keyPath: "k", certificateChainPath: "c", userAnnotations: { "example.com/Spiffe": "x" } })], []],
  ["a certificate of no signer", [certificate({ signerName: "" })], [`${on}.signerName: Required value`]],
  ["a key of its own sort", [certificate({ keyType: "RSA2048" })], [`${on}.keyType: Unsupported value: "RSA2048": supported values: "RSA3072", "RSA4096", "ECDSAP256", "ECDSAP384", "ECDSAP521", "ED25519"`]],
  ["a certificate for half an hour", [certificate({ maxExpirationSeconds: 1800 })], [`${on}.maxExpirationSeconds: Invalid value: 1800: must be in the range [3600, 7862400]`]],
  ["two days of a signer of Kubernetes", [certificate({ signerName: "x.kubernetes.io/y", maxExpirationSeconds: 172_800 })], [`${on}.maxExpirationSeconds: Invalid value: 172800: must be in the range [3600, 86400]`]],
  ["a certificate that goes nowhere", [certificate({ credentialBundlePath: "" })], [`${on}: Required value: specify at least one of credentialBundlePath, keyPath, and certificateChainPath`]],
  ["a certificate that climbs", [certificate({ keyPath: "../k" })], [`${on}.keyPath: Invalid value: "../k": must not contain '..'`]],
  ["key and chain in one file", [certificate({ keyPath: "tls.pem" })], ['v: Invalid value: "tls.pem": conflicting duplicate paths']],
  ["words for the signer without a domain", [certificate({ userAnnotations: { spiffe: "x" } })], [`${on}.userAnnotations: Invalid value: "spiffe": must be a domain-prefixed key (such as "acme.io/foo")`]],
  ["two kinds in one source", [{ ...bundle({ name: "a" }), configMap: { name: "c" } }], ["v.sources[0]: Forbidden: may not specify more than 1 volume type"]],
];
for (const [name, sources, want] of cases) test(`a projected volume with ${name}`, () => assert.deepEqual(problems(...sources), want));

test("an empty name is none", () => {
  assert.equal(problems(bundle({ name: "" }))[0], `${at}.name: Required value: must be a valid object name`);
});
