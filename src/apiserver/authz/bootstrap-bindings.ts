import type { ClusterRoleBinding, Role, RoleBinding } from "#api/gen/rbac-v1.ts";
import { controllerNames } from "./bootstrap-controller-roles.ts";
import { account, binding, clusterBinding, eventsRule, group, read, role, rule, user } from "./bootstrap-rules.ts";

const everyone = group("system:authenticated");
const anonymous = group("system:unauthenticated");
const manager = user("system:kube-controller-manager");
const scheduler = user("system:kube-scheduler");

/**
 * Upstream: plugin/pkg/auth/authorizer/rbac/bootstrappolicy ClusterRoleBindings.
 * Upstream's controllers each have an account of their own; ours share the manager's name, so it has their roles as well.
 */
export const clusterRoleBindings: readonly ClusterRoleBinding[] = [
  clusterBinding("cluster-admin", [group("system:masters")]),
  clusterBinding("system:monitoring", [group("system:monitoring")]),
  clusterBinding("system:discovery", [everyone]),
  clusterBinding("system:basic-user", [everyone]),
  clusterBinding("system:public-info-viewer", [everyone, anonymous]),
  clusterBinding("system:node-proxier", [user("system:kube-proxy")]),
  clusterBinding("system:kube-controller-manager", [manager]),
  clusterBinding("system:kube-dns", [account("kube-system", "kube-dns")]),
  clusterBinding("system:kube-scheduler", [scheduler]),
  clusterBinding("system:volume-scheduler", [scheduler]),
  clusterBinding("system:service-account-issuer-discovery", [group("system:serviceaccounts")]),
  clusterBinding("system:node", []),
  ...controllerNames.map((name) => clusterBinding(`system:controller:${name}`, [account("kube-system", name), manager])),
  clusterBinding("system:persistent-volume-provisioner", [group("seedpod:local-path-provisioners")], "seedpod:local-path-provisioner"),
  clusterBinding("seedpod:local-path-resizer", [group("seedpod:local-path-provisioners")]),
  clusterBinding("seedpod:controller-manager", [manager]),
];

const leaderElection = [rule("create get list update watch", "coordination.k8s.io", "leases"), rule("create get list update watch", "coordination.k8s.io", "leasecandidates")];

/** Upstream: plugin/pkg/auth/authorizer/rbac/bootstrappolicy NamespaceRoles */
export const namespaceRoles: readonly Role[] = [
  role("kube-system", "extension-apiserver-authentication-reader", [rule(read, "core", "configmaps", "extension-apiserver-authentication")]),
  role("kube-system", "system:controller:bootstrap-signer", [rule(read, "core", "secrets")]),
  role("kube-system", "system:controller:cloud-provider", [rule("create get list watch", "core", "configmaps")]),
  role("kube-system", "system:controller:token-cleaner", [rule("delete get list watch", "core", "secrets"), eventsRule]),
  role("kube-system", "system::leader-locking-kube-controller-manager", leaderElection),
  role("kube-system", "system::leader-locking-kube-scheduler", leaderElection),
  role("kube-public", "system:controller:bootstrap-signer", [rule(read, "core", "configmaps"), rule("update", "core", "configmaps", "cluster-info"), eventsRule]),
];

/** Upstream: plugin/pkg/auth/authorizer/rbac/bootstrappolicy NamespaceRoleBindings */
export const namespaceRoleBindings: readonly RoleBinding[] = [
  binding("kube-system", "extension-apiserver-authentication-reader", [manager, scheduler], "system::extension-apiserver-authentication-reader"),
  binding("kube-system", "system:controller:bootstrap-signer", [account("kube-system", "bootstrap-signer")]),
  binding("kube-system", "system:controller:cloud-provider", [account("kube-system", "cloud-provider")]),
  binding("kube-system", "system:controller:token-cleaner", [account("kube-system", "token-cleaner")]),
  binding("kube-system", "system::leader-locking-kube-controller-manager", [manager, account("kube-system", "kube-controller-manager")]),
  binding("kube-system", "system::leader-locking-kube-scheduler", [scheduler, account("kube-system", "kube-scheduler")]),
  binding("kube-public", "system:controller:bootstrap-signer", [account("kube-system", "bootstrap-signer")]),
];
