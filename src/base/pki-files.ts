import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { issue, newCa, newSigningKey, serves, type CertificateRequest, type KeyPair } from "./pki.ts";

/** A certificate with less than this left is made anew at the next start. */
const renewalDays = 60;

/** `<dir>/<name>.{crt,key}` of a certificate authority, made when it is not there. A CA is never replaced: what it signed would be worthless. */
export function ensureCa(dir: string, name: string, commonName: string, now: number): KeyPair {
  return readPair(dir, name) ?? writePair(dir, name, newCa(commonName, now));
}

/** `<dir>/<name>.{crt,key}`, kept while it serves `request` under `ca`, else made anew. */
export function ensureCertificate(dir: string, name: string, ca: KeyPair, request: CertificateRequest, now: number): KeyPair {
  const pair = readPair(dir, name);
  if (pair !== undefined && serves(pair, ca, request, now, Math.min(renewalDays, request.days / 2))) return pair;
  return writePair(dir, name, issue(ca, request, now));
}

/** The private key in `<dir>/<name>.key` that signs service account tokens, made when it is not there. PEM. */
export function ensureSigningKey(dir: string, name: string): string {
  const path = join(dir, `${name}.key`);
  const found = read(path);
  if (found !== undefined) return found;
  const key = newSigningKey();
  writePrivate(path, key);
  return key;
}

/** Writes a file that only its owner may read, whole or not at all, and makes its directory. */
export function writePrivate(path: string, content: string): void {
  writeWhole(path, content, 0o600);
}

function writeWhole(path: string, content: string, mode: number): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const next = `${path}.${process.pid}.new`;
  writeFileSync(next, content, { mode, flush: true });
  renameSync(next, path);
}

function readPair(dir: string, name: string): KeyPair | undefined {
  const [cert, key] = [read(join(dir, `${name}.crt`)), read(join(dir, `${name}.key`))];
  return cert === undefined || key === undefined ? undefined : { cert, key };
}

function writePair(dir: string, name: string, pair: KeyPair): KeyPair {
  writePrivate(join(dir, `${name}.key`), pair.key);
  writeWhole(join(dir, `${name}.crt`), pair.cert, 0o644);
  return pair;
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (err) {
    if ((err as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw err;
  }
}
