/** Short forms in which the roles of every cluster are written down. Names in lists are separated by spaces. */
import type { ClusterRole, ClusterRoleBinding, PolicyRule, Role, RoleBinding, Subject } from "#api/gen/rbac-v1.ts";

const rbacGroup = "rbac.authorization.k8s.io";
const apiVersion = `${rbacGroup}/v1`;
const words = (text: string): string[] => text.split(" ").filter((word) => word !== "");

export const read = "get list watch";
export const write = "create delete deletecollection patch update";
export const readWrite = "create delete deletecollection get list patch update watch";

/** @param groups API groups; `core` stands for the nameless one */
export const rule = (verbs: string, groups: string, resources: string, names = ""): PolicyRule => ({
  verbs: words(verbs),
  apiGroups: words(groups).map((group) => (group === "core" ? "" : group)),
  resources: words(resources),
  ...(names !== "" && { resourceNames: words(names) }),
});

export const urls = (verbs: string, paths: string): PolicyRule => ({ verbs: words(verbs), nonResourceURLs: words(paths) });

/** Everybody who reports events may do this. */
export const eventsRule: PolicyRule = rule("create patch update", "core events.k8s.io", "events");

const metadata = (name: string, labels: Readonly<Record<string, string>> = {}): ClusterRole["metadata"] => ({
  name,
  annotations: { "rbac.authorization.kubernetes.io/autoupdate": "true" },
  labels: { "kubernetes.io/bootstrapping": "rbac-defaults", ...labels },
});

const aggregateTo = (roles: string): Readonly<Record<string, string>> => Object.fromEntries(words(roles).map((role) => [`${rbacGroup}/aggregate-to-${role}`, "true"]));

/** @param into the aggregated roles that take this one's rules in */
export const clusterRole = (name: string, rules: readonly PolicyRule[], into?: string): ClusterRole => ({
  apiVersion, kind: "ClusterRole", metadata: metadata(name, into === undefined ? {} : aggregateTo(into)), rules: [...rules],
});

/** A role made of all roles that are labelled for it. */
export const aggregatedRole = (name: string, into?: string): ClusterRole => ({
  ...clusterRole(name, [], into), aggregationRule: { clusterRoleSelectors: [{ matchLabels: { ...aggregateTo(name) } }] },
});

export const role = (namespace: string, name: string, rules: readonly PolicyRule[]): Role =>
  ({ apiVersion, kind: "Role", metadata: { ...metadata(name), namespace }, rules: [...rules] });

export const user = (name: string): Subject => ({ kind: "User", apiGroup: rbacGroup, name });
export const group = (name: string): Subject => ({ kind: "Group", apiGroup: rbacGroup, name });
export const account = (namespace: string, name: string): Subject => ({ kind: "ServiceAccount", namespace, name });

export const clusterBinding = (roleName: string, subjects: readonly Subject[], name: string = roleName): ClusterRoleBinding => ({
  apiVersion, kind: "ClusterRoleBinding", metadata: metadata(name), roleRef: { apiGroup: rbacGroup, kind: "ClusterRole", name: roleName }, subjects: [...subjects],
});

export const binding = (namespace: string, roleName: string, subjects: readonly Subject[], name: string = roleName): RoleBinding => ({
  apiVersion, kind: "RoleBinding", metadata: { ...metadata(name), namespace }, roleRef: { apiGroup: rbacGroup, kind: "Role", name: roleName }, subjects: [...subjects],
});
