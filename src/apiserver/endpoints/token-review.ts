import type { HttpResponse, Identity } from "#base/http.ts";
import type { TokenReview, UserInfo } from "#api/gen/authentication-v1.ts";
import type { KubeObject } from "#apimachinery/meta.ts";
import { badRequest } from "#apimachinery/status.ts";
import { timestamp } from "#apimachinery/time.ts";
import type { ServiceAccountTokens } from "../authn/service-account-tokens.ts";
import { jsonResponse } from "../filters/responses.ts";
import { readObject } from "./body.ts";
import type { Endpoint } from "./call.ts";
import { writeOptions } from "./options.ts";

/** POST of TokenReview: whose token is this? The token itself is never answered. Upstream: pkg/registry/authentication/tokenreview */
export function tokenReview(tokens: ServiceAccountTokens): Endpoint {
  return async ({ ctx, place }): Promise<HttpResponse> => {
    const review = await readObject<TokenReview & KubeObject>(ctx, place.resource, writeOptions(ctx.info.query, "CreateOptions").fieldValidation);
    const { token = "", audiences = [] } = review.spec;
    if (token === "") throw badRequest("token is required for TokenReview in authentication");
    const verified = await tokens.verify(token, audiences.length > 0 ? audiences : undefined);
    const status = verified === undefined
      ? { user: {}, error: "invalid bearer token" }
      : { authenticated: true, user: userInfo({ ...verified.user, groups: [...verified.user.groups, "system:authenticated"] }), audiences: verified.audiences };
    return jsonResponse(201, { kind: "TokenReview", apiVersion: "authentication.k8s.io/v1", metadata: review.metadata, spec: { ...(audiences.length > 0 && { audiences }) }, status });
  };
}

/** POST of SelfSubjectReview: who am I? */
export const selfSubjectReview: Endpoint = async ({ ctx, deps }) =>
  jsonResponse(201, {
    kind: "SelfSubjectReview", apiVersion: "authentication.k8s.io/v1", metadata: { creationTimestamp: timestamp(deps.clock.now()) }, status: { userInfo: userInfo(ctx.user) },
  });

const userInfo = ({ name, uid, groups, extra }: Identity): UserInfo => ({
  username: name, ...(uid !== undefined && { uid }), groups: [...groups],
  ...(extra && Object.keys(extra).length > 0 && { extra: Object.fromEntries(Object.entries(extra).map(([key, values]) => [key, [...values]])) }),
});
