import type { ClusterRoleBinding, Role, RoleBinding, Subject } from "#api/gen/rbac-v1.ts";
import { on, read } from "./rules.ts";

const group = "rbac.authorization.k8s.io";
const metadata = (name: string, namespace?: string): Role["metadata"] => ({
  name, ...(namespace !== undefined && { namespace }), labels: { "kubernetes.io/bootstrapping": "rbac-defaults" }, annotations: { "rbac.authorization.kubernetes.io/autoupdate": "true" },
});
const groupNamed = (name: string): Subject => ({ kind: "Group", apiGroup: group, name });
const userNamed = (name: string): Subject => ({ kind: "User", apiGroup: group, name });

const bind = (role: string, ...subjects: Subject[]): ClusterRoleBinding => ({ metadata: metadata(role), roleRef: { apiGroup: group, kind: "ClusterRole", name: role }, subjects });

/** Upstream: bootstrappolicy ClusterRoleBindings */
export const clusterRoleBindings: readonly ClusterRoleBinding[] = [
  bind("cluster-admin", groupNamed("system:masters")),
  bind("system:monitoring", groupNamed("system:monitoring")),
  bind("system:discovery", groupNamed("system:authenticated")),
  bind("system:basic-user", groupNamed("system:authenticated")),
  bind("system:public-info-viewer", groupNamed("system:authenticated"), groupNamed("system:unauthenticated")),
  bind("system:service-account-issuer-discovery", groupNamed("system:serviceaccounts")),
  bind("system:node-proxier", userNamed("system:kube-proxy")),
  bind("system:kube-controller-manager", userNamed("system:kube-controller-manager")),
  bind("system:kube-scheduler", userNamed("system:kube-scheduler")),
];

/** Upstream: bootstrappolicy/namespace_policy.go */
export const roles: readonly Role[] = [
  { metadata: metadata("extension-apiserver-authentication-reader", "kube-system"), rules: [on("", "configmaps", read, ["extension-apiserver-authentication"])] },
];
export const roleBindings: readonly RoleBinding[] = [
  {
    metadata: metadata("system::extension-apiserver-authentication-reader", "kube-system"),
    roleRef: { apiGroup: group, kind: "Role", name: "extension-apiserver-authentication-reader" },
    subjects: [userNamed("system:kube-controller-manager"), userNamed("system:kube-scheduler")],
  },
];
