import assert from "node:assert/strict";
import { test } from "node:test";
import type { ConfigMap, Secret } from "#api/gen/core-v1.ts";
import { texts } from "../fixture.ts";
import { configMaps } from "./config-map.ts";
import { secrets } from "./secret.ts";

const base64 = (text: string): string => Buffer.from(text).toString("base64");
const secretOf = (fields: object): Secret => ({ metadata: { name: "s" }, type: "Opaque", ...fields }) as Secret;
const mapOf = (fields: object): ConfigMap => ({ metadata: { name: "c" }, ...fields }) as ConfigMap;

test("plain text of a Secret is written as base64 and not kept", () => {
  const secret = secretOf({ type: undefined, data: { old: base64("1") }, stringData: { word: "tree" } });
  secrets.defaults?.(secret);
  assert.deepEqual(secret, { metadata: { name: "s" }, type: "Opaque", data: { old: base64("1"), word: base64("tree") } });
});

// Upstream: pkg/apis/core/validation ValidateSecret
const refusals: readonly { readonly name: string; readonly secret: object; readonly want: readonly string[] }[] = [
  { name: "a TLS secret without key", secret: { type: "kubernetes.io/tls", data: { "tls.crt": "" } }, want: ["data[tls.key]: Required value"] },
  { name: "basic auth with nothing", secret: { type: "kubernetes.io/basic-auth" }, want: ["data[username]: Required value", "data[password]: Required value"] },
  { name: "a registry login that is no JSON", secret: { type: "kubernetes.io/dockerconfigjson", data: { ".dockerconfigjson": base64("{canary") } }, want: ['data[.dockerconfigjson]: Invalid value: "<secret contents redacted>": invalid character \'c\' looking for beginning of object key string'] },
  { name: "a registry login that is cut off", secret: { type: "kubernetes.io/dockercfg", data: { ".dockercfg": base64('{"canary"') } }, want: ['data[.dockercfg]: Invalid value: "<secret contents redacted>": unexpected end of JSON input'] },
  { name: "a registry login that is a list", secret: { type: "kubernetes.io/dockerconfigjson", data: { ".dockerconfigjson": base64('["canary"]') } }, want: ['data[.dockerconfigjson]: Invalid value: "<secret contents redacted>": json: cannot unmarshal array into Go value of type map[string]interface {}'] },
  { name: "a token without account", secret: { type: "kubernetes.io/service-account-token" }, want: ["metadata.annotations[kubernetes.io/service-account.name]: Required value"] },
  { name: "more than a mebibyte", secret: { data: { a: base64("x".repeat(1024 * 1024 + 1)) } }, want: ["data: Too long: may not be more than 1048576 bytes"] },
  { name: "a key that climbs", secret: { data: { "..": "" } }, want: ["data[..]: Invalid value: \"..\": must not be '..'"] },
];
for (const { name, secret, want } of refusals) test(`refused: ${name}`, () => assert.deepEqual(texts(secrets.validate?.(secretOf(secret))), want));

test("a Secret keeps its type", () => assert.deepEqual(texts(secrets.validateUpdate?.(secretOf({ type: "a" }), secretOf({ type: "b" }))), ['type: Invalid value: "a": field is immutable']));

const frozen = "Forbidden: field is immutable when `immutable` is set";
test("what is immutable stays, and stays immutable", () => {
  assert.deepEqual(texts(configMaps.validateUpdate?.(mapOf({ data: { a: "2" } }), mapOf({ immutable: true, data: { a: "1" } }))), [`immutable: ${frozen}`, `data: ${frozen}`]);
  assert.deepEqual(texts(configMaps.validateUpdate?.(mapOf({ immutable: true, data: { a: "1" } }), mapOf({ immutable: true, data: { a: "1" } }))), []);
});

test("a key is text or bytes, not both", () => {
  assert.deepEqual(texts(configMaps.validate?.(mapOf({ data: { a: "1" }, binaryData: { a: "MQ==" } }))), ['data[a]: Invalid value: "a": duplicate of key present in binaryData']);
});
