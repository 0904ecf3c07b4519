import { isDeepStrictEqual } from "node:util";
import type { ClusterRoleBinding, RoleBinding, Subject } from "#api/gen/rbac-v1.ts";
import type { Cause } from "#apimachinery/status.ts";
import { ageColumn, nameColumn } from "../common/columns.ts";
import { invalidValue } from "#apimachinery/validation/causes.ts";
import { pathSegment } from "#apimachinery/validation/names.ts";
import type { Column, Resource } from "../resource.ts";
import { defaultBinding, rbacGroup, validateRoleRef, validateSubject } from "./checks.ts";

type Binding = RoleBinding | ClusterRoleBinding;

const subjects = (binding: Binding, kind: string, text: (subject: Subject) => string): string => (binding.subjects ?? []).filter((s) => s.kind === kind).map(text).join(", ");

const columns: readonly Column<Binding>[] = [
  nameColumn,
  { name: "Role", type: "string", description: "The role that is granted.", cell: ({ roleRef }) => `${roleRef.kind}/${roleRef.name}` },
  ageColumn,
  { name: "Users", type: "string", wide: true, description: "Users who have the role.", cell: (b) => subjects(b, "User", (s) => s.name) },
  { name: "Groups", type: "string", wide: true, description: "Groups that have the role.", cell: (b) => subjects(b, "Group", (s) => s.name) },
  {
    name: "ServiceAccounts", type: "string", wide: true, description: "Service accounts that have the role.",
    cell: (b) => subjects(b, "ServiceAccount", (s) => `${s.namespace ?? ""}/${s.name}`),
  },
];

const validateUpdate = (next: Binding, old: Binding): readonly Cause[] =>
  (isDeepStrictEqual(next.roleRef, old.roleRef) ? [] : [invalidValue("roleRef", next.roleRef, "cannot change roleRef")]);

export const roleBindings: Resource<RoleBinding> = {
  group: rbacGroup, version: "v1", kind: "RoleBinding", schema: "rbac/v1.RoleBinding", scope: "Namespaced",
  names: { plural: "rolebindings", singular: "rolebinding" },
  createOnUpdate: true,
  validateName: pathSegment,
  defaults: defaultBinding,
  validate: ({ roleRef, subjects: list }) => [...validateRoleRef(roleRef, ["Role", "ClusterRole"]), ...(list ?? []).flatMap((s, i) => validateSubject(s, `subjects[${i}]`, true))],
  validateUpdate,
  columns,
};

export const clusterRoleBindings: Resource<ClusterRoleBinding> = {
  group: rbacGroup, version: "v1", kind: "ClusterRoleBinding", schema: "rbac/v1.ClusterRoleBinding", scope: "Cluster",
  names: { plural: "clusterrolebindings", singular: "clusterrolebinding" },
  createOnUpdate: true,
  validateName: pathSegment,
  defaults: defaultBinding,
  validate: ({ roleRef, subjects: list }) => [...validateRoleRef(roleRef, ["ClusterRole"]), ...(list ?? []).flatMap((s, i) => validateSubject(s, `subjects[${i}]`, false))],
  validateUpdate,
  columns,
};
