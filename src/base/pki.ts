import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes, sign, X509Certificate, type KeyObject } from "node:crypto";
import { isIPv4, isIPv6 } from "node:net";
import { bits, bool, integer, octets, oid, sequence, set, tagged, text, time } from "./der.ts";
import { pemText } from "./pem.ts";

/** A certificate and its private key, both PEM. The key is a secret: files of it have mode 0600. */
export interface KeyPair { readonly cert: string; readonly key: string }

export type Usage = "client" | "server";

export interface CertificateRequest {
  readonly commonName: string;
  readonly organizations?: readonly string[];
  readonly dns?: readonly string[];
  readonly ips?: readonly string[];
  readonly usages: readonly Usage[];
  readonly days: number;
}

const ecdsaWithSha256 = sequence(oid("1.2.840.10045.4.3.2"));
const usageOids: Record<Usage, string> = { server: "1.3.6.1.5.5.7.3.1", client: "1.3.6.1.5.5.7.3.2" };
const day = 86_400_000;
/** Clocks of two machines may differ a little. */
const allowedSkew = 300_000;

/** A self-signed certificate authority with a new ECDSA P-256 key. @param now ms since the epoch */
export function newCa(commonName: string, now: number, days = 3650): KeyPair {
  const keys = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const name = subject(commonName, []);
  const extensions = [
    extension("2.5.29.19", sequence(bool(true)), true), // basicConstraints: a CA
    extension("2.5.29.15", bits(Buffer.of(0b10100100), 2), true), // keyUsage: digitalSignature, keyEncipherment, keyCertSign
    extension("2.5.29.14", octets(keyId(keys.publicKey))),
  ];
  return { cert: certificate({ issuer: name, subject: name, publicKey: keys.publicKey, signer: keys.privateKey, now, days, extensions }), key: pem(keys.privateKey) };
}

/** A new ECDSA P-256 key and a certificate for it, signed by `ca`. @param now ms since the epoch */
export function issue(ca: KeyPair, request: CertificateRequest, now: number): KeyPair {
  const keys = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return { cert: signCertificate(ca, keys.publicKey, request, now), key: pem(keys.privateKey) };
}

/** A certificate for somebody else's key, signed by `ca`. Returns PEM. @param now ms since the epoch */
export function signCertificate(ca: KeyPair, publicKey: KeyObject, request: CertificateRequest, now: number): string {
  const names = [
    ...(request.dns ?? []).map((name) => tagged(2, Buffer.from(name), false)),
    ...(request.ips ?? []).map((ip) => tagged(7, addressBytes(ip), false)),
  ];
  const extensions = [
    extension("2.5.29.15", bits(Buffer.of(0b10100000), 5), true), // keyUsage: digitalSignature, keyEncipherment
    extension("2.5.29.37", sequence(...request.usages.map((usage) => oid(usageOids[usage])))),
    extension("2.5.29.35", sequence(tagged(0, keyId(createPublicKey(ca.key)), false))),
    ...(names.length > 0 ? [extension("2.5.29.17", sequence(...names))] : []),
  ];
  return certificate({ issuer: subjectOf(ca.cert), subject: subject(request.commonName, request.organizations ?? []), publicKey, signer: createPrivateKey(ca.key), now, days: request.days, extensions });
}

/** Whether `pair` still serves `request` under `ca` for at least another `marginDays`. */
export function serves(pair: KeyPair, ca: KeyPair, request: CertificateRequest, now: number, marginDays: number): boolean {
  const cert = new X509Certificate(pair.cert);
  const names = [`CN=${request.commonName}`, ...(request.organizations ?? []).map((organization) => `O=${organization}`)];
  return cert.verify(createPublicKey(ca.cert))
    && cert.checkPrivateKey(createPrivateKey(pair.key))
    && Date.parse(cert.validTo) - now > marginDays * day
    && names.every((name) => cert.subject.split("\n").includes(name))
    && (request.dns ?? []).every((name) => cert.checkHost(name) !== undefined)
    && (request.ips ?? []).every((ip) => cert.checkIP(ip) !== undefined);
}

/** A new RSA key that signs service account tokens (RS256, which is what clients of upstream expect). PKCS#8 PEM. */
export function newSigningKey(): string {
  return pem(generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey);
}

interface Parts {
  readonly issuer: Uint8Array; readonly subject: Uint8Array; readonly publicKey: KeyObject; readonly signer: KeyObject;
  readonly now: number; readonly days: number; readonly extensions: readonly Uint8Array[];
}

/** RFC 5280, 4.1. */
function certificate(parts: Parts): string {
  const serial = randomBytes(16);
  serial[0] = 0x40 | ((serial[0] ?? 0) & 0x3f); // positive, and never a leading zero
  const body = sequence(
    tagged(0, integer(Buffer.of(2))), // version 3
    integer(serial),
    ecdsaWithSha256,
    parts.issuer,
    sequence(time(parts.now - allowedSkew), time(parts.now + parts.days * day)),
    parts.subject,
    parts.publicKey.export({ type: "spki", format: "der" }),
    tagged(3, sequence(...parts.extensions)),
  );
  const whole = sequence(body, ecdsaWithSha256, bits(sign("sha256", body, parts.signer)));
  return pemText("CERTIFICATE", whole);
}

const extension = (id: string, value: Uint8Array, critical = false): Buffer => sequence(oid(id), ...(critical ? [bool(true)] : []), octets(value));
const attribute = (id: string, value: string): Buffer => set(sequence(oid(id), text(value)));
const subject = (commonName: string, organizations: readonly string[]): Buffer =>
  sequence(...organizations.map((name) => attribute("2.5.4.10", name)), attribute("2.5.4.3", commonName));

/** Our CAs have a common name and nothing else. */
function subjectOf(cert: string): Buffer {
  const name = /^CN=(.*)$/.exec(new X509Certificate(cert).subject)?.[1];
  if (name === undefined) throw new Error("the CA's subject is not a single common name");
  return subject(name, []);
}

const pem = (key: KeyObject): string => key.export({ type: "pkcs8", format: "pem" }).toString();
const keyId = (key: KeyObject): Buffer => createHash("sha256").update(key.export({ type: "spki", format: "der" })).digest().subarray(0, 20);

function addressBytes(ip: string): Buffer {
  if (isIPv4(ip)) return Buffer.from(ip.split(".").map(Number));
  if (!isIPv6(ip)) throw new Error(`${ip} is not an IP address`);
  const [head = "", tail] = ip.split("::");
  const words = (half: string | undefined): number[] => (half === undefined || half === "" ? [] : half.split(":").map((word) => parseInt(word, 16)));
  const [left, right] = [words(head), words(tail)];
  const all = [...left, ...Array<number>(8 - left.length - right.length).fill(0), ...right];
  return Buffer.from(all.flatMap((word) => [word >> 8, word & 0xff]));
}
