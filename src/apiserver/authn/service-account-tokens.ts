import { createHash, randomUUID } from "node:crypto";
import { decodeProtectedHeader, jwtVerify, SignJWT } from "jose";
import type { Clock } from "#base/clock.ts";
import type { Identity } from "#base/http.ts";
import type { Secret } from "#api/gen/core-v1.ts";
import type { ResourceRef } from "#api/resources.ts";
import { nodes, pods, secrets, serviceAccounts } from "#api/resources.ts";
import type { KubeObject } from "#apimachinery/meta.ts";
import type { Reader } from "../admission/attributes.ts";
import { legacyIssuer } from "#api/legacy-token.ts";
import { accountUser } from "#api/service-account.ts";
import { claimsOf, identityOf, type Bound, type KubernetesClaims } from "./claims.ts";
import { legacyOf, standingLegacy } from "./legacy-tokens.ts";
import type { TokenKeys } from "./token-keys.ts";

export interface TokenDeps { readonly keys: TokenKeys; readonly issuer: string; readonly audiences: readonly string[]; readonly clock: Clock; readonly reader: Reader; /** Told of every use of a token that stands in a Secret. */ readonly legacyUsed?: (secret: Secret) => void }
export interface Verified { readonly user: Identity; readonly audiences: readonly string[] }
interface Known { readonly claims: KubernetesClaims; readonly audiences: readonly string[]; readonly expires: number; readonly id: string | undefined; /** The Secret in which the token must stand. */ readonly legacySecret?: string }

/** Signatures that were checked lately; the oldest goes first. */
const cacheSize = 4096;
/** A pod that is being deleted may use its token a little longer. Upstream: pkg/serviceaccount/claims.go */
const deletedLeewayMs = 60_000;

/** Makes and proves the tokens of service accounts. */
export class ServiceAccountTokens {
  readonly #deps: TokenDeps;
  readonly #known = new Map<string, Known>();

  constructor(deps: TokenDeps) {
    this.#deps = deps;
  }

  /** @param seconds until the token ends. Returns the token and the time of its end, in ms since the epoch */
  async issue(claims: KubernetesClaims, audiences: readonly string[], seconds: number): Promise<{ readonly token: string; readonly expires: number }> {
    const { keys, issuer, clock } = this.#deps;
    const now = Math.floor(clock.now() / 1000);
    const token = await new SignJWT({ "kubernetes.io": claims })
      .setProtectedHeader({ alg: keys.algorithm, kid: keys.keyId })
      .setIssuer(issuer).setSubject(accountUser(claims.namespace, claims.serviceaccount.name)).setAudience([...audiences])
      .setIssuedAt(now).setNotBefore(now).setExpirationTime(now + seconds).setJti(randomUUID())
      .sign(keys.signing);
    return { token, expires: (now + seconds) * 1000 };
  }

  /**
   * Whose token this is, if it is meant for one of `wanted`, is not over, and everything that it is bound to still
   * exists. The signature is checked once and remembered; the objects are looked at each time.
   */
  async verify(token: string, wanted: readonly string[] = this.#deps.audiences): Promise<Verified | undefined> {
    const key = createHash("sha256").update(token).digest("base64");
    const known = this.#known.get(key) ?? (await this.#check(token));
    if (known === undefined) return undefined;
    this.#remember(key, known);
    const audiences = wanted.filter((a) => known.audiences.includes(a));
    if (audiences.length === 0 || known.expires <= this.#deps.clock.now()) return undefined;
    const stands = known.legacySecret === undefined ? await this.#stand(known.claims) : await this.#standsIn(known.claims, known.legacySecret, token);
    if (!stands) return undefined;
    return { user: identityOf(known.claims, known.id), audiences };
  }

  async #check(token: string): Promise<Known | undefined> {
    const { keys, issuer, audiences, clock } = this.#deps;
    try {
      const { kid } = decodeProtectedHeader(token);
      const key = keys.verifying.get(kid ?? "");
      if (key === undefined) return undefined;
      const { payload } = await jwtVerify(token, key, { issuer: [issuer, legacyIssuer], algorithms: ["RS256", "ES256"], currentDate: new Date(clock.now()), clockTolerance: 5 });
      if (payload.iss === legacyIssuer) return legacyOf(payload, audiences);
      if (payload.exp === undefined || payload.aud === undefined) return undefined;
      const claims = claimsOf(payload["kubernetes.io"], payload.sub);
      if (claims === undefined) return undefined;
      return { claims, audiences: [payload.aud].flat(), expires: payload.exp * 1000, id: payload.jti };
    } catch {
      return undefined; // whatever is wrong with it: it proves nothing
    }
  }

  async #standsIn(claims: KubernetesClaims, secretName: string, token: string): Promise<boolean> {
    const secret = await standingLegacy(this.#deps.reader, claims, secretName, token);
    if (secret !== undefined) this.#deps.legacyUsed?.(secret);
    return secret !== undefined;
  }

  async #stand({ namespace, serviceaccount, pod, secret, node }: KubernetesClaims): Promise<boolean> {
    const checks = [this.#exists(serviceAccounts, namespace, serviceaccount)];
    if (pod !== undefined) checks.push(this.#exists(pods, namespace, pod));
    if (secret !== undefined) checks.push(this.#exists(secrets, namespace, secret));
    if (node !== undefined && pod === undefined) checks.push(this.#exists(nodes, "", node));
    return (await Promise.all(checks)).every(Boolean);
  }

  async #exists(ref: ResourceRef<KubeObject>, namespace: string, { name, uid }: Bound): Promise<boolean> {
    const found = await this.#deps.reader.get<KubeObject>(ref, name, namespace);
    if (found === undefined || found.metadata.uid !== uid) return false;
    const { deletionTimestamp } = found.metadata;
    return deletionTimestamp === undefined || Date.parse(deletionTimestamp) + deletedLeewayMs > this.#deps.clock.now();
  }

  #remember(key: string, known: Known): void {
    this.#known.delete(key);
    this.#known.set(key, known);
    if (this.#known.size <= cacheSize) return;
    const oldest = this.#known.keys().next();
    if (oldest.done !== true) this.#known.delete(oldest.value);
  }
}
