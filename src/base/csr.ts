/** PKCS #10 certificate requests (RFC 2986): what is asked for, and that its asker holds the key. */
import { createPublicKey, verify, type KeyObject } from "node:crypto";
import { DerError, parts, readAll, readOid, tags, type Element } from "./der-reader.ts";

export class CsrError extends Error {
  override readonly name = "CsrError";
}

export interface Csr {
  readonly commonName: string;
  readonly organizations: readonly string[];
  readonly dns: readonly string[];
  readonly ips: readonly string[];
  readonly emails: readonly string[];
  readonly uris: readonly string[];
  readonly publicKey: KeyObject;
}

const hashes: Readonly<Record<string, string | null>> = {
  "1.2.840.113549.1.1.11": "sha256", "1.2.840.113549.1.1.12": "sha384", "1.2.840.113549.1.1.13": "sha512",
  "1.2.840.10045.4.3.2": "sha256", "1.2.840.10045.4.3.3": "sha384", "1.2.840.10045.4.3.4": "sha512",
  "1.3.101.112": null, // Ed25519 hashes by itself
};
const ids = { commonName: "2.5.4.3", organization: "2.5.4.10", extensionRequest: "1.2.840.113549.1.9.14", subjectAltName: "2.5.29.17" } as const;
const attributesTag = 0xa0;

/** Reads one PEM block and checks its signature. Throws CsrError. */
export function parseCsr(pem: string): Csr {
  const [, label = "", body = ""] = /-----BEGIN ([^-]+)-----([A-Za-z0-9+/=\s]*)-----END \1-----/.exec(pem) ?? [];
  if (label !== "CERTIFICATE REQUEST") throw new CsrError("PEM block type must be CERTIFICATE REQUEST");
  return readCsr(Buffer.from(body, "base64"));
}

/** The same of DER. */
export function readCsr(bytes: Buffer): Csr {
  try {
    return read(bytes);
  } catch (cause) {
    if (!(cause instanceof DerError)) throw cause;
    throw new CsrError(`malformed certificate request: ${cause.message}`, { cause });
  }
}

function read(bytes: Buffer): Csr {
  const [whole, ...more] = readAll(bytes);
  if (more.length > 0) throw new CsrError("trailing data");
  const [info, algorithm, signature] = parts(whole);
  const [, subject, key, ...rest] = parts(info);
  const publicKey = keyOf(key);
  checkSignature(info, readOid(parts(algorithm)[0]), signature, publicKey);
  const names = namesOf(subject);
  return {
    commonName: names.findLast(([id]) => id === ids.commonName)?.[1] ?? "",
    organizations: names.filter(([id]) => id === ids.organization).map(([, text]) => text),
    ...alternatives(rest.find(({ tag }) => tag === attributesTag)), publicKey,
  };
}

function keyOf(key: Element | undefined): KeyObject {
  try {
    return createPublicKey({ key: key?.whole ?? Buffer.alloc(0), format: "der", type: "spki" });
  } catch (cause) {
    throw new CsrError("the public key cannot be read", { cause });
  }
}

function checkSignature(info: Element | undefined, algorithm: string, signature: Element | undefined, key: KeyObject): void {
  const hash = hashes[algorithm];
  if (hash === undefined) throw new CsrError(`x509: cannot verify signature: algorithm ${algorithm} unimplemented`);
  if (signature?.tag !== tags.bitString || signature.content[0] !== 0 || info === undefined) throw new CsrError("the signature is missing");
  if (!verify(hash, info.whole, key, signature.content.subarray(1))) throw new CsrError("the signature does not fit the request");
}

/** Identifier and text of each attribute of a distinguished name. */
const namesOf = (subject: Element | undefined): readonly (readonly [id: string, text: string])[] =>
  parts(subject).flatMap((set) => parts(set, tags.set)).map((pair) => {
    const [id, value] = parts(pair);
    return [readOid(id), value?.content.toString("utf8") ?? ""] as const;
  });

type Alternatives = Pick<Csr, "dns" | "ips" | "emails" | "uris">;

/** The names in the extension `subjectAltName` that is asked for. */
function alternatives(attributes: Element | undefined): Alternatives {
  const asked = attributes === undefined ? [] : parts(attributes, attributesTag).map((attribute) => parts(attribute)).filter(([id]) => readOid(id) === ids.extensionRequest);
  const extensions = asked.flatMap(([, values]) => parts(values, tags.set)).flatMap((list) => parts(list)).map((extension) => parts(extension));
  const general = extensions.filter(([id]) => readOid(id) === ids.subjectAltName).flatMap((extension) => parts(readAll(extension.at(-1)?.content ?? Buffer.alloc(0))[0]));
  const texts = (tag: number): string[] => general.filter((name) => name.tag === tag).map(({ content }) => content.toString("latin1"));
  return { dns: texts(0x82), emails: texts(0x81), uris: texts(0x86), ips: general.filter(({ tag }) => tag === 0x87).map(({ content }) => addressText(content)) };
}

function addressText(bytes: Buffer): string {
  if (bytes.length === 4) return bytes.join(".");
  return Array.from({ length: bytes.length / 2 }, (_, i) => bytes.readUInt16BE(i * 2).toString(16)).join(":");
}
