import type { ServiceAccountTokens } from "../authn/service-account-tokens.ts";
import type { Authorizer } from "../authz/authorizer.ts";
import type { RbacIndex } from "../authz/rbac-index.ts";
import { selfSubjectAccessReview, selfSubjectRulesReview, subjectAccessReview } from "./access-review.ts";
import { bind } from "./binding.ts";
import type { Endpoint } from "./call.ts";
import { evict } from "./eviction.ts";
import { tokenRequest, type TokenSettings } from "./token-request.ts";
import { selfSubjectReview, tokenReview } from "./token-review.ts";

export interface ActionDeps { readonly tokens: ServiceAccountTokens; readonly authorizer: Authorizer; readonly index: RbacIndex; readonly issuer: string; readonly settings?: TokenSettings }

/** POSTs that do something else than store their body, by `group/resource[/subresource]`. */
export const actionsOf = ({ tokens, authorizer, index, issuer, settings }: ActionDeps): ReadonlyMap<string, Endpoint> => new Map([
  ["/bindings", bind],
  ["/pods/binding", bind],
  ["/pods/eviction", evict],
  ["/serviceaccounts/token", tokenRequest(tokens, [issuer], settings)],
  ["authentication.k8s.io/tokenreviews", tokenReview(tokens)],
  ["authentication.k8s.io/selfsubjectreviews", selfSubjectReview],
  ["authorization.k8s.io/subjectaccessreviews", subjectAccessReview(authorizer)],
  ["authorization.k8s.io/localsubjectaccessreviews", subjectAccessReview(authorizer)],
  ["authorization.k8s.io/selfsubjectaccessreviews", selfSubjectAccessReview(authorizer)],
  ["authorization.k8s.io/selfsubjectrulesreviews", selfSubjectRulesReview(index)],
]);
