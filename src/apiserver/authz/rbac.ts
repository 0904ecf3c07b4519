import type { AuthorizationRequest, Authorizer, Decision } from "./authorizer.ts";
import type { RbacIndex } from "./rbac-index.ts";
import { ruleAllows } from "./rules.ts";

/** Roles and bindings decide. Upstream: plugin/pkg/auth/authorizer/rbac */
export function rbacAuthorizer(index: RbacIndex): Authorizer {
  return {
    async authorize(request: AuthorizationRequest): Promise<Decision> {
      for (const grant of index.grants(request.user, request.namespace ?? "")) {
        if (!grant.rules.some((rule) => ruleAllows(rule, request))) continue;
        return { allowed: true, reason: `RBAC: allowed by ${grant.binding} of ${grant.role} to ${grant.subject}` };
      }
      return { allowed: false, reason: "" };
    },
  };
}
