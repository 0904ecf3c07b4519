import { createPublicKey, sign, type KeyObject } from "node:crypto";
import { bits, integer, nothing, oid, sequence, tagged } from "./der.ts";

interface Algorithm { readonly id: Uint8Array; readonly hash: string | null }

const rsa: Algorithm = { id: sequence(oid("1.2.840.113549.1.1.11"), nothing), hash: "sha256" };
const edwards: Algorithm = { id: sequence(oid("1.3.101.112")), hash: null };
const elliptic: Readonly<Record<string, Algorithm>> = {
  prime256v1: { id: sequence(oid("1.2.840.10045.4.3.2")), hash: "sha256" },
  secp384r1: { id: sequence(oid("1.2.840.10045.4.3.3")), hash: "sha384" },
  secp521r1: { id: sequence(oid("1.2.840.10045.4.3.4")), hash: "sha512" },
};

/** A PKCS #10 request that names nobody: it says what key its maker has, and proves it. DER. @param key private, RSA, Ed25519 or of the curves P-256, P-384 and P-521 */
export function stubCsr(key: KeyObject): Buffer {
  const { id, hash } = algorithmOf(key);
  const publicKey = createPublicKey(key).export({ type: "spki", format: "der" });
  const info = sequence(integer(Buffer.of(0)), sequence(), publicKey, tagged(0, Buffer.alloc(0)));
  return sequence(info, id, bits(sign(hash, info, key)));
}

function algorithmOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): Algorithm {
  const found = asymmetricKeyType === "rsa" ? rsa : asymmetricKeyType === "ed25519" ? edwards : elliptic[asymmetricKeyDetails?.namedCurve ?? ""];
  if (found === undefined) throw new Error(`keys of type ${asymmetricKeyType ?? "unknown"} cannot sign requests here`);
  return found;
}
