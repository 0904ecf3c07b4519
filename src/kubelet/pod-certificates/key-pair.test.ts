import assert from "node:assert/strict";
import { createPrivateKey, createPublicKey } from "node:crypto";
import { test } from "node:test";
import { readCsr } from "#base/csr.ts";
import { newKeyPair } from "./key-pair.ts";

const types: readonly (readonly [keyType: string, want: object])[] = [
  ["RSA3072", { modulusLength: 3072, publicExponent: 65537n }], ["ECDSAP256", { namedCurve: "prime256v1" }], ["ECDSAP384", { namedCurve: "secp384r1" }], ["ECDSAP521", { namedCurve: "secp521r1" }], ["ED25519", {}],
];
for (const [keyType, want] of types) {
  test(`a key of type ${keyType} and its request`, async () => {
    const { key, request } = await newKeyPair(keyType);
    assert.match(key, /^-----BEGIN PRIVATE KEY-----\n/);
    const { publicKey } = readCsr(request);
    assert.deepEqual([publicKey.equals(createPublicKey(createPrivateKey(key))), publicKey.asymmetricKeyDetails], [true, want]);
  });
}

for (const keyType of ["RSA2048", "toString", ""]) {
  test(`a key of type "${keyType}" is refused`, async () => await assert.rejects(newKeyPair(keyType), { message: `unknown key type "${keyType}"` }));
}
