import type { PolicyRule, ClusterRole, ClusterRoleBinding, Role, RoleBinding } from "#api/gen/rbac-v1.ts";
import { qualified } from "#apimachinery/meta.ts";
import { forbidden } from "#apimachinery/status.ts";
import type { AdmissionAttributes } from "../admission/attributes.ts";
import type { AdmissionPlugin } from "../admission/plugin.ts";
import type { Authorizer } from "./authorizer.ts";
import type { RbacIndex } from "./rbac-index.ts";
import { uncovered } from "./rules.ts";

const group = "rbac.authorization.k8s.io";

/**
 * Nobody hands out more than they have: writing a role needs its rules or the verb `escalate`, writing a binding
 * the role's rules or `bind`. Upstream: pkg/registry/rbac/clusterrole/policybased, validation.ConfirmNoEscalation
 */
export function escalationCheck(index: RbacIndex, authorizer: Authorizer): AdmissionPlugin {
  return {
    name: "RBACEscalation",
    resources: ["roles", "rolebindings", "clusterroles", "clusterrolebindings"].map((resource) => qualified({ group, resource })),
    async validate(attributes, object) {
      const { resource, operation, subresource } = attributes;
      if (object === undefined || subresource !== "" || (operation !== "CREATE" && operation !== "UPDATE")) return;
      if (resource.names.plural.endsWith("bindings")) await checkBinding(index, authorizer, attributes, object as RoleBinding | ClusterRoleBinding);
      else await checkRole(index, authorizer, attributes, object as Role | ClusterRole);
    },
  };
}

async function checkRole(index: RbacIndex, authorizer: Authorizer, attributes: AdmissionAttributes, role: Role | ClusterRole): Promise<void> {
  const old = attributes.oldObject as Role | undefined;
  if (old !== undefined && JSON.stringify(old.rules) === JSON.stringify(role.rules)) return;
  await confirm(index, authorizer, attributes, role.rules ?? [], "escalate", attributes.resource.names.plural, role.metadata.name);
}

async function checkBinding(index: RbacIndex, authorizer: Authorizer, attributes: AdmissionAttributes, binding: RoleBinding | ClusterRoleBinding): Promise<void> {
  const { kind, name } = binding.roleRef;
  const rules = index.rulesOf(kind, name, attributes.namespace) ?? [];
  await confirm(index, authorizer, attributes, rules, "bind", kind === "ClusterRole" ? "clusterroles" : "roles", name);
}

async function confirm(index: RbacIndex, authorizer: Authorizer, attributes: AdmissionAttributes, wanted: readonly PolicyRule[], verb: string, resource: string, name: string): Promise<void> {
  const { user, namespace } = attributes;
  if (user.groups.includes("system:masters")) return;
  const held = index.grants(user, namespace).flatMap((grant) => grant.rules);
  const missing = uncovered(held, wanted);
  if (missing.length === 0) return;
  const decision = await authorizer.authorize({ user, verb, group, version: "v1", resource, namespace, name });
  if (decision.allowed) return;
  const groups = user.groups.map((g) => JSON.stringify(g)).join(" ");
  const about = { group, resource: attributes.resource.names.plural };
  throw forbidden(about, attributes.name, `user ${JSON.stringify(user.name)} (groups=[${groups}]) is attempting to grant RBAC permissions not currently held:\n${missing.map(shown).join("\n")}`);
}

/** Upstream: component-helpers/auth/rbac/validation CompactString */
function shown(rule: PolicyRule): string {
  const list = (name: string, values: readonly string[] | undefined): string => (values === undefined || values.length === 0 ? "" : `${name}:[${values.map((v) => JSON.stringify(v)).join(" ")}]`);
  return `{${[list("APIGroups", rule.apiGroups), list("Resources", rule.resources), list("ResourceNames", rule.resourceNames), list("NonResourceURLs", rule.nonResourceURLs), list("Verbs", rule.verbs)].filter((part) => part !== "").join(", ")}}`;
}

