import assert from "node:assert/strict";
import { createPublicKey, X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { connect, createServer, type TLSSocket } from "node:tls";
import { ensureCa, ensureCertificate, ensureSigningKey } from "./pki-files.ts";
import { issue, newCa, serves, type CertificateRequest } from "./pki.ts";

const now = Date.UTC(2026, 5, 1);
const day = 86_400_000;
const server: CertificateRequest = { commonName: "server", dns: ["localhost", "kubernetes.default"], ips: ["127.0.0.1", "10.43.0.1", "fd00::1", "::1"], usages: ["server"], days: 365 };

test("an issued certificate has its subject, names, dates and issuer", () => {
  const ca = newCa("seedpod-ca", now);
  const cert = new X509Certificate(issue(ca, { ...server, commonName: "kubernetes-admin", organizations: ["system:masters", "b"] }, now).cert);
  assert.equal(cert.subject, "O=system:masters\nO=b\nCN=kubernetes-admin");
  assert.equal(cert.issuer, "CN=seedpod-ca");
  assert.equal(cert.subjectAltName, "DNS:localhost, DNS:kubernetes.default, IP Address:127.0.0.1, IP Address:10.43.0.1, IP Address:FD00:0:0:0:0:0:0:1, IP Address:0:0:0:0:0:0:0:1");
  assert.equal(Date.parse(cert.validTo), now + 365 * day);
  assert.ok(cert.checkIssued(new X509Certificate(ca.cert)) && cert.verify(createPublicKey(ca.cert)));
  assert.equal(cert.ca, false);
});

test("a server and a client know each other by certificates of one CA", async (t) => {
  const real = Date.parse(new Date().toISOString());
  const ca = newCa("ca", real);
  const theirs = issue(ca, server, real);
  const mine = issue(ca, { commonName: "admin", organizations: ["system:masters"], usages: ["client"], days: 1 }, real);
  const { promise, resolve } = Promise.withResolvers<{ subject: unknown; authorized: boolean }>();
  const listener = createServer({ cert: theirs.cert, key: theirs.key, ca: ca.cert, requestCert: true, rejectUnauthorized: true }, (socket: TLSSocket) => {
    resolve({ subject: { ...socket.getPeerCertificate().subject }, authorized: socket.authorized });
    socket.end();
  });
  await new Promise<void>((done) => listener.listen(0, "127.0.0.1", done));
  t.after(() => listener.close());
  const address = listener.address();
  assert(address !== null && typeof address === "object");
  const socket = connect({ host: "127.0.0.1", port: address.port, servername: "localhost", ca: ca.cert, cert: mine.cert, key: mine.key });
  socket.resume();
  assert.deepEqual(await promise, { subject: { O: "system:masters", CN: "admin" }, authorized: true });
  socket.destroy();
});

test("a certificate serves only while names, key, issuer and date fit", () => {
  const ca = newCa("ca", now);
  const pair = issue(ca, server, now);
  const cases: readonly [string, boolean, boolean][] = [
    ["as issued", serves(pair, ca, server, now, 30), true],
    ["near its end", serves(pair, ca, server, now + 340 * day, 30), false],
    ["a new address", serves(pair, ca, { ...server, ips: ["10.0.0.1"] }, now, 30), false],
    ["a new name", serves(pair, ca, { ...server, dns: ["example"] }, now, 30), false],
    ["another subject", serves(pair, ca, { ...server, commonName: "serve" }, now, 30), false],
    ["another CA of the same name", serves(pair, newCa("ca", now), server, now, 30), false],
    ["another key", serves({ ...pair, key: issue(ca, server, now).key }, ca, server, now, 30), false],
  ];
  for (const [name, have, want] of cases) assert.equal(have, want, name);
});

test("files are reused, renewed near their end, and keys belong to their owner alone", (t) => {
  const dir = mkdtempSync(join(tmpdir(), "seedpod-pki-"));
  t.after(() => rmSync(dir, { recursive: true }));
  const ca = ensureCa(dir, "ca", "ca", now);
  assert.deepEqual(ensureCa(dir, "ca", "ca", now), ca);
  const first = ensureCertificate(dir, "server", ca, server, now);
  assert.deepEqual(ensureCertificate(dir, "server", ca, server, now + 200 * day), first);
  assert.notDeepEqual(ensureCertificate(dir, "server", ca, server, now + 320 * day), first);
  const signing = ensureSigningKey(dir, "sa");
  assert.equal(ensureSigningKey(dir, "sa"), signing);
  assert.equal(readFileSync(join(dir, "sa.key"), "utf8"), signing);
  for (const name of ["ca", "server", "sa"]) assert.equal(statSync(join(dir, `${name}.key`)).mode & 0o777, 0o600, name);
});
