/** Tokens that stand in Secrets: good while the Secret holds them and the account is there. Upstream: pkg/serviceaccount/legacy.go legacyValidator */
import type { Secret } from "#api/gen/core-v1.ts";
import { invalidSinceLabel, legacyClaimsOf } from "#api/legacy-token.ts";
import { secrets, serviceAccounts } from "#api/resources.ts";
import type { KubeObject } from "#apimachinery/meta.ts";
import type { Reader } from "../admission/attributes.ts";
import type { KubernetesClaims } from "./claims.ts";

interface Legacy { readonly claims: KubernetesClaims; readonly audiences: readonly string[]; readonly expires: number; readonly id: undefined; readonly legacySecret: string }

/** What such a token says. It is for the server's own audiences, and does not end by time. */
export function legacyOf(payload: Readonly<Record<string, unknown>>, audiences: readonly string[]): Legacy | undefined {
  const claims = legacyClaimsOf(payload);
  if (claims === undefined) return undefined;
  const { namespace, account, uid, secret } = claims;
  return { claims: { namespace, serviceaccount: { name: account, uid } }, audiences, expires: Infinity, id: undefined, legacySecret: secret };
}

/** The Secret that holds the token, if it is good. */
export async function standingLegacy(reader: Reader, { namespace, serviceaccount: { name, uid } }: KubernetesClaims, secretName: string, token: string): Promise<Secret | undefined> {
  const secret = await reader.get<Secret & KubeObject>(secrets, secretName, namespace);
  if (secret === undefined || secret.metadata.deletionTimestamp !== undefined || secret.metadata.labels?.[invalidSinceLabel] !== undefined) return undefined;
  if (secret.data?.["token"] !== Buffer.from(token).toString("base64")) return undefined;
  const account = await reader.get<KubeObject>(serviceAccounts, name, namespace);
  return account !== undefined && account.metadata.uid === uid && account.metadata.deletionTimestamp === undefined ? secret : undefined;
}
