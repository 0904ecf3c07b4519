import assert from "node:assert/strict";
import { test } from "node:test";
import { edwardsCsr, ellipticCsr, mastersCsr, rsaCsr, someCertificate } from "./csr-fixture.ts";
import { CsrError, parseCsr } from "./csr.ts";

const names = { dns: ["web.example.com"], ips: ["10.0.0.1", "fd00:0:0:0:0:0:0:1"], emails: ["a@b.c"], uris: ["spiffe://a/b"] };
const none = { dns: [], ips: [], emails: [], uris: [] };
const requests: readonly (readonly [name: string, pem: string, want: object])[] = [
  ["an elliptic curve", ellipticCsr, { commonName: "system:node:a", organizations: ["system:nodes"], ...names }],
  ["RSA", rsaCsr, { commonName: "system:node:a", organizations: ["system:nodes", "b"], ...names }],
  ["Ed25519", edwardsCsr, { commonName: "ada", organizations: [], ...names }],
  ["a key without other names", mastersCsr, { commonName: "root", organizations: ["system:masters"], ...none }],
];
for (const [name, pem, want] of requests) {
  test(`a request signed by ${name} is read`, () => {
    const { publicKey, ...csr } = parseCsr(pem);
    assert.deepEqual(csr, want);
    assert.equal(publicKey.type, "public");
  });
}

const bytesOf = (pem: string): Buffer => Buffer.from(pem.replace(/-----[^-]+-----/g, ""), "base64");
const wrap = (content: Buffer): string => `-----BEGIN CERTIFICATE REQUEST-----\n${content.toString("base64")}\n-----END CERTIFICATE REQUEST-----\n`;
function refused(pem: string): string {
  try {
    parseCsr(pem);
    return "";
  } catch (err) {
    assert(err instanceof CsrError);
    return err.message;
  }
}

test("what is no request is refused", () => {
  assert.equal(refused(""), "PEM block type must be CERTIFICATE REQUEST");
  assert.equal(refused(someCertificate), "PEM block type must be CERTIFICATE REQUEST");
  assert.equal(refused(wrap(Buffer.concat([bytesOf(ellipticCsr), bytesOf(ellipticCsr)]))), "trailing data");
});

test("a request whose subject was changed after it was signed is refused", () => {
  const forged = bytesOf(ellipticCsr).toString("latin1").replace("system:node:a", "system:node:b");
  assert.equal(refused(wrap(Buffer.from(forged, "latin1"))), "the signature does not fit the request");
});

test("no cut and no changed byte of a request is a fault or passes", () => {
  const bytes = bytesOf(ellipticCsr);
  for (let n = 0; n < bytes.length; n++) {
    assert.notEqual(refused(wrap(bytes.subarray(0, n))), "", `cut at ${n}`);
    const changed = Buffer.from(bytes);
    changed[n] = (changed[n] ?? 0) ^ 0x55;
    assert.notEqual(refused(wrap(changed)), "", `changed at ${n}`);
  }
});
