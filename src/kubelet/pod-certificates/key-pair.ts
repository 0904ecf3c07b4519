import { generateKeyPair, type KeyObject } from "node:crypto";
import { promisify } from "node:util";
import { stubCsr } from "#base/new-csr.ts";

export interface KeyPair {
  /** PKCS #8, as PEM: a secret. */
  readonly key: string;
  /** A PKCS #10 request of it, DER. */
  readonly request: Buffer;
}

const generate = promisify(generateKeyPair);
const makers: Readonly<Record<string, () => Promise<{ readonly privateKey: KeyObject }>>> = {
  RSA3072: () => generate("rsa", { modulusLength: 3072 }),
  RSA4096: () => generate("rsa", { modulusLength: 4096 }),
  ECDSAP256: () => generate("ec", { namedCurve: "P-256" }),
  ECDSAP384: () => generate("ec", { namedCurve: "P-384" }),
  ECDSAP521: () => generate("ec", { namedCurve: "P-521" }),
  ED25519: () => generate("ed25519"),
};

/** A new key of the type that a pod asks for; made beside the event loop. Upstream: pkg/kubelet/podcertificate generateKeyAndProof */
export async function newKeyPair(keyType: string): Promise<KeyPair> {
  const make = Object.hasOwn(makers, keyType) ? makers[keyType] : undefined;
  if (make === undefined) throw new Error(`unknown key type ${JSON.stringify(keyType)}`);
  const { privateKey } = await make();
  return { key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(), request: stubCsr(privateKey) };
}
