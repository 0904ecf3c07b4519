import assert from "node:assert/strict";
import { test } from "node:test";
import { invalid } from "../status.ts";
import { immutable, invalidValue, notSupported, required, tooLong } from "./causes.ts";
import { validateObjectMeta, validateObjectMetaUpdate } from "./metadata.ts";
import { cidr, configMapKey, dns1035Label, dns1123Label, dns1123Subdomain, envVarName, ipAddress, labelValue, portName, qualifiedName } from "./names.ts";

const names: readonly [check: (v: string) => string[], value: string, errors: number][] = [
  [dns1123Label, "my-name", 0], [dns1123Label, "a.b", 1], [dns1123Label, "A", 1], [dns1123Label, "x".repeat(64), 1], [dns1123Label, "-".repeat(64), 2],
  [dns1123Subdomain, "a.b", 0], [dns1123Subdomain, "a..b", 1], [dns1035Label, "1a", 1], [qualifiedName, "example.com/Name", 0], [qualifiedName, "/x", 1], [qualifiedName, "a/b/c", 1], [qualifiedName, "", 2],
  [labelValue, "", 0], [labelValue, "a_", 1], [envVarName, "9.a b", 0], [envVarName, "a=b", 1], [configMapKey, "..x", 1], [configMapKey, "a b", 1], [ipAddress, "10.0.0.256", 1], [ipAddress, "::1", 0],
  [cidr, "10.0.0.0/24", 0], [cidr, "10.0.0.0/33", 1], [portName, "http-2", 0], [portName, "80", 1],
];
for (const [check, value, errors] of names) test(`${check.name || "check"} of "${value}" has ${errors} messages`, () => assert.equal(check(value).length, errors));

test("a pattern's message has upstream's examples and pattern", () => {
  assert.deepEqual(dns1123Label("A"), ["a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"]);
});

test("causes read as upstream's", () => {
  assert.equal(required("a", "why").message, "Required value: why");
  assert.equal(invalidValue("a", { matchLabels: { x: "y" } }, "field is immutable").message, 'Invalid value: {"matchLabels":{"x":"y"}}: field is immutable');
  assert.equal(invalidValue("a", -1, "no").message, "Invalid value: -1: no");
  assert.equal(notSupported("a", "x", ["b", "c"]).message, 'Unsupported value: "x": supported values: "b", "c"');
  assert.equal(tooLong("a", 63).message, "Too long: may not be more than 63 bytes");
  assert.deepEqual(immutable("a", { x: [] }, {}), []);
});

test("metadata needs a name, a namespace where namespaced, and none else", () => {
  const texts = (meta: object, namespaced: boolean): string[] => validateObjectMeta(meta as never, { namespaced }).map((c) => `${c.field}: ${c.message}`);
  assert.deepEqual(texts({}, true), ["metadata.name: Required value: name or generateName is required", "metadata.namespace: Required value"]);
  assert.deepEqual(texts({ name: "a", namespace: "b" }, false), ["metadata.namespace: Forbidden: not allowed on this type"]);
  assert.deepEqual(texts({ name: "a-", generateName: "a-", namespace: "b" }, true).length, 1);
});

test("an update changes neither name nor uid, and adds no finalizer to what is going", () => {
  const old = { name: "a", uid: "1", resourceVersion: "1", deletionTimestamp: "2026-01-01T00:00:00Z" };
  const next = { ...old, uid: "2", finalizers: ["example.com/x"] };
  assert.deepEqual(validateObjectMetaUpdate(next, old).map((c) => `${c.field}: ${c.message}`), [
    'metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"example.com/x"}',
    'metadata.uid: Invalid value: "2": field is immutable',
  ]);
});

test("what is wrong twice in the same words is told once", () => {
  const cause = { reason: "FieldValueInvalid", field: "spec.scopes", message: "unsupported" } as const;
  assert.equal(invalid({ group: "", kind: "K" }, "k", [cause, cause]).message, 'K "k" is invalid: spec.scopes: unsupported');
});
