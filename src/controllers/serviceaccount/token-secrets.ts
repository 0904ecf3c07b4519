import { createPrivateKey, createPublicKey } from "node:crypto";
import { SignJWT } from "jose";
import type { Secret, ServiceAccount } from "#api/gen/core-v1.ts";
import { accountNameAnnotation, legacyClaims, legacyIssuer, tokenSecretType } from "#api/legacy-token.ts";
import { secrets, serviceAccounts } from "#api/resources.ts";
import { accountUser } from "#api/service-account.ts";
import { keyOf } from "#apimachinery/meta.ts";
import { isStatus } from "#apimachinery/status.ts";
import type { Component } from "#base/component.ts";
import { algorithmOf, keyIdOf } from "#base/jwt-key.ts";
import type { Client } from "#client/client.ts";
import { ignore } from "../ignore.ts";
import { newController, source, type ControllerDeps } from "../runner.ts";
import { planToken } from "./token-plan.ts";

const accountKeyOf = ({ metadata }: Secret): string => `${metadata.namespace ?? ""}/${metadata.annotations?.[accountNameAnnotation] ?? ""}`;

/** Fills the Secrets that ask for an account's token, and deletes those whose account is gone. Key: the Secret. It makes no Secrets by itself. */
export function tokenSecretController(deps: ControllerDeps, { rootCa, signingKey }: { readonly rootCa: string; readonly signingKey: string }): Component {
  const cache = deps.informers.for(secrets, { fieldSelector: `type=${tokenSecretType}` });
  const accounts = deps.informers.for(serviceAccounts);
  cache.addIndex("account", (secret) => [accountKeyOf(secret)]);
  const sign = signer(signingKey);
  return newController(deps, (client) => ({
    sources: [source(secrets, cache, (secret) => [keyOf(secret)]), source(serviceAccounts, accounts, (account) => cache.by("account", keyOf(account)).map(keyOf))],
    reconciler: {
      name: "serviceaccount-token",
      async reconcile(key, signal) {
        const secret = cache.get(key);
        if (secret === undefined) return;
        const { name, namespace, uid = "" } = secret.metadata;
        const account = accounts.get(accountKeyOf(secret)) ?? (await live(client, secret, signal));
        const next = planToken(secret, account, rootCa);
        if (next.action === "delete") await client.resource(secrets).delete(name, namespace, { preconditions: { uid }, signal }).catch(ignore("NotFound", "Conflict"));
        if (next.action !== "fill" || account === undefined) return;
        const data = { ...next.secret.data, ...(next.needsToken && { token: Buffer.from(await sign(secret, account)).toString("base64") }) };
        await client.resource(secrets).update({ ...next.secret, data }, { signal }).catch(ignore("NotFound"));
      },
    },
  }));
}

/** An account may be newer than the cache: what it owns is deleted only when the server knows it neither. */
async function live(client: Client, { metadata }: Secret, signal: AbortSignal): Promise<ServiceAccount | undefined> {
  const name = metadata.annotations?.[accountNameAnnotation] ?? "";
  if (name === "") return undefined;
  return client.resource(serviceAccounts).get(name, metadata.namespace, signal).catch((err: unknown) => {
    if (isStatus(err, "NotFound")) return undefined;
    throw err;
  });
}

/** @param pem the private key */
function signer(pem: string): (secret: Secret, account: ServiceAccount) => Promise<string> {
  const key = createPrivateKey(pem);
  const header = { alg: algorithmOf(key), kid: keyIdOf(createPublicKey(key)) };
  return (secret, account) => new SignJWT({ ...legacyClaims(secret, account) }).setProtectedHeader(header)
    .setIssuer(legacyIssuer).setSubject(accountUser(account.metadata.namespace ?? "", account.metadata.name)).sign(key);
}
