import { createHash } from "node:crypto";
import type { Clock } from "#base/clock.ts";
import type { Identity } from "#base/http.ts";
import type { TokenReview } from "#api/gen/authentication-v1.ts";
import type { Client } from "#client/client.ts";
import type { Authenticate } from "./identity.ts";

/** Upstream: authentication.webhook.cacheTTL */
const knownMs = 120_000;
const maxAnswers = 1_000;

/** Asks the API server whose a bearer token is (TokenReview), and keeps its answers for two minutes, by the token's hash. */
export function newReviewAuthenticator({ client, clock }: { readonly client: Client; readonly clock: Clock }): Authenticate {
  const answers = new Map<string, { readonly identity: Identity | undefined; readonly until: number }>();
  return async (token) => {
    const key = createHash("sha256").update(token).digest("base64");
    const known = answers.get(key);
    if (known !== undefined && known.until > clock.now()) return known.identity;
    const identity = await review(client, token);
    if (answers.size >= maxAnswers) answers.clear();
    answers.set(key, { identity, until: clock.now() + knownMs });
    return identity;
  };
}

async function review(client: Client, token: string): Promise<Identity | undefined> {
  const body = { apiVersion: "authentication.k8s.io/v1", kind: "TokenReview", spec: { token } };
  const { status } = await client.request<TokenReview>({ method: "POST", path: "/apis/authentication.k8s.io/v1/tokenreviews", body });
  const { username = "", groups = [] } = status.user ?? {};
  return status.authenticated === true && username !== "" ? { name: username, groups } : undefined;
}
