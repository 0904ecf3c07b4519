import assert from "node:assert/strict";
import { createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { test } from "node:test";
import { readCsr } from "./csr.ts";
import { stubCsr } from "./new-csr.ts";

const keys: readonly (readonly [name: string, make: () => KeyObject])[] = [
  ["RSA", () => generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey],
  ...(["P-256", "P-384", "P-521"] as const).map((namedCurve) => [namedCurve, () => generateKeyPairSync("ec", { namedCurve }).privateKey] as const),
  ["Ed25519", () => generateKeyPairSync("ed25519").privateKey],
];
for (const [name, make] of keys) {
  test(`a request of a key of ${name} is signed by it and names nobody`, () => {
    const key = make();
    const { publicKey, ...names } = readCsr(stubCsr(key));
    assert.equal(publicKey.equals(createPublicKey(key)), true);
    assert.deepEqual(names, { commonName: "", organizations: [], dns: [], ips: [], emails: [], uris: [] });
  });
}

test("a key that no certificate is for is refused", () => {
  assert.throws(() => stubCsr(generateKeyPairSync("x25519").privateKey), { message: "keys of type x25519 cannot sign requests here" });
});
