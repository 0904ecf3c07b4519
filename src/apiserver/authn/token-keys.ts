import { createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
import { exportJWK, type JWK } from "jose";
import { algorithmOf, keyIdOf } from "#base/jwt-key.ts";

/** Keys of service account tokens: the first one signs, all of them prove. PEM; the private keys are secrets. */
export interface ServiceAccountKeys { readonly signing: string; readonly verifying?: readonly string[] }

export interface TokenKeys {
  readonly algorithm: "RS256" | "ES256";
  readonly keyId: string;
  readonly signing: KeyObject;
  /** By key id. */
  readonly verifying: ReadonlyMap<string, KeyObject>;
  /** The public halves, as clients fetch them. */
  jwks(): Promise<{ readonly keys: readonly JWK[] }>;
}

/** The keys as tokens need them: what signs, what verifies by key id, and the set that is published. */
export function tokenKeys(keys: ServiceAccountKeys): TokenKeys {
  const signing = createPrivateKey(keys.signing);
  const own = createPublicKey(keys.signing);
  const verifying = new Map([own, ...(keys.verifying ?? []).map((pem) => createPublicKey(pem))].map((key) => [keyIdOf(key), key]));
  return {
    algorithm: algorithmOf(signing), keyId: keyIdOf(own), signing, verifying,
    jwks: async () => ({ keys: await Promise.all([...verifying].map(async ([kid, key]) => ({ use: "sig", kid, alg: algorithmOf(key), ...(await exportJWK(key)) }))) }),
  };
}
