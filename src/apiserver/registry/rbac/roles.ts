import type { ClusterRole, Role } from "#api/gen/rbac-v1.ts";
import type { Cause } from "#apimachinery/status.ts";
import { createdAtColumn, nameColumn } from "../common/columns.ts";
import type { Resource } from "../resource.ts";
import { validateLabelSelector } from "#apimachinery/validation/selector.ts";
import { required } from "#apimachinery/validation/causes.ts";
import { pathSegment } from "#apimachinery/validation/names.ts";
import { rbacGroup, validateRule } from "./checks.ts";

export const roles: Resource<Role> = {
  group: rbacGroup, version: "v1", kind: "Role", schema: "rbac/v1.Role", scope: "Namespaced",
  names: { plural: "roles", singular: "role" },
  createOnUpdate: true,
  validateName: pathSegment,
  validate: ({ rules }) => (rules ?? []).flatMap((rule, i) => validateRule(rule, `rules[${i}]`, true)),
  columns: [nameColumn, createdAtColumn],
};

/** Upstream: pkg/apis/rbac/validation ValidateClusterRole */
function validateAggregation({ aggregationRule }: ClusterRole): readonly Cause[] {
  if (aggregationRule === undefined) return [];
  const field = "aggregationRule.clusterRoleSelectors";
  const selectors = aggregationRule.clusterRoleSelectors ?? [];
  if (selectors.length === 0) return [required(field, "at least one clusterRoleSelector required if aggregationRule is non-nil")];
  return selectors.flatMap((selector, i) => validateLabelSelector(selector, `${field}[${i}]`));
}

export const clusterRoles: Resource<ClusterRole> = {
  group: rbacGroup, version: "v1", kind: "ClusterRole", schema: "rbac/v1.ClusterRole", scope: "Cluster",
  names: { plural: "clusterroles", singular: "clusterrole" },
  createOnUpdate: true,
  validateName: pathSegment,
  validate: (role) => [...(role.rules ?? []).flatMap((rule, i) => validateRule(rule, `rules[${i}]`, false)), ...validateAggregation(role)],
  columns: [nameColumn, createdAtColumn],
};
