import type { ClusterRole } from "#api/gen/rbac-v1.ts";
import { clusterRole, eventsRule, read, rule } from "./bootstrap-rules.ts";

const tokenReviews = rule("create", "authentication.k8s.io", "tokenreviews");
const accessReviews = rule("create", "authorization.k8s.io", "subjectaccessreviews");
const approver = (signer: string): ClusterRole =>
  clusterRole(`system:certificates.k8s.io:${signer}-approver`, [rule("approve", "certificates.k8s.io", "signers", `kubernetes.io/${signer}`)]);
const requester = (kind: string): ClusterRole =>
  clusterRole(`system:certificates.k8s.io:certificatesigningrequests:${kind}`, [rule("create", "certificates.k8s.io", `certificatesigningrequests/${kind}`)]);

/** Roles for the parts of a cluster; names that begin with `seedpod:` are ours. Upstream: plugin/pkg/auth/authorizer/rbac/bootstrappolicy ClusterRoles, NodeRules */
export const componentRoles: readonly ClusterRole[] = [
  clusterRole("system:auth-delegator", [tokenReviews, accessReviews]),
  clusterRole("system:heapster", [rule(read, "core", "events namespaces nodes pods"), rule(read, "extensions", "deployments")]),
  clusterRole("system:kube-aggregator", [rule(read, "core", "endpoints services")]),
  clusterRole("system:kube-dns", [rule("list watch", "core", "endpoints services")]),
  clusterRole("system:kubelet-api-admin", [
    rule(read, "core", "nodes"),
    rule("proxy", "core", "nodes"),
    rule("*", "core", "nodes/log nodes/metrics nodes/proxy nodes/stats"),
  ]),
  clusterRole("system:node", [
    tokenReviews,
    rule("create", "authorization.k8s.io", "localsubjectaccessreviews subjectaccessreviews"),
    rule(read, "core", "services"),
    rule("create get list watch", "core", "nodes"),
    rule("patch update", "core", "nodes/status"),
    rule("patch update", "core", "nodes"),
    rule("create patch update", "core", "events"),
    rule(read, "core", "pods"),
    rule("create delete", "core", "pods"),
    rule("patch update", "core", "pods/status"),
    rule("create", "core", "pods/eviction"),
    rule(read, "core", "configmaps secrets"),
    rule("get", "core", "persistentvolumeclaims persistentvolumes"),
    rule("get", "core", "endpoints"),
    rule("create get list watch", "certificates.k8s.io", "certificatesigningrequests"),
    rule("create delete get patch update", "coordination.k8s.io", "leases"),
    rule("get", "storage.k8s.io", "volumeattachments"),
    rule("create", "core", "serviceaccounts/token"),
    rule("get patch update", "core", "persistentvolumeclaims/status"),
    rule(read, "storage.k8s.io", "csidrivers"),
    rule("create delete get patch update", "storage.k8s.io", "csinodes"),
    rule(read, "node.k8s.io", "runtimeclasses"),
  ]),
  clusterRole("system:node-bootstrapper", [rule("create get list watch", "certificates.k8s.io", "certificatesigningrequests")]),
  clusterRole("system:node-problem-detector", [rule("get", "core", "nodes"), rule("patch", "core", "nodes/status"), eventsRule]),
  clusterRole("system:node-proxier", [
    rule("list watch", "core", "endpoints services"),
    rule(read, "core", "nodes"),
    eventsRule,
    rule("list watch", "discovery.k8s.io", "endpointslices"),
  ]),
  clusterRole("system:persistent-volume-provisioner", [
    rule("create delete get list watch", "core", "persistentvolumes"),
    rule("get list update watch", "core", "persistentvolumeclaims"),
    rule(read, "storage.k8s.io", "storageclasses"),
    rule("watch", "core", "events"),
    eventsRule,
  ]),
  clusterRole("system:volume-scheduler", [
    rule("get list patch update watch", "core", "persistentvolumes"),
    rule(read, "storage.k8s.io", "storageclasses"),
    rule("get list patch update watch", "core", "persistentvolumeclaims"),
  ]),
  clusterRole("system:kube-scheduler", [
    eventsRule,
    rule("create", "coordination.k8s.io", "leases"),
    rule("get update", "coordination.k8s.io", "leases", "kube-scheduler"),
    rule(read, "core", "nodes"),
    rule("delete get list watch", "core", "pods"),
    rule("create", "core", "bindings pods/binding"),
    rule("patch update", "core", "pods/status"),
    rule(read, "core", "replicationcontrollers services"),
    rule(read, "apps extensions", "replicasets"),
    rule(read, "apps", "statefulsets"),
    rule(read, "policy", "poddisruptionbudgets"),
    rule(read, "core", "persistentvolumeclaims persistentvolumes"),
    tokenReviews,
    accessReviews,
    rule(read, "storage.k8s.io", "csinodes"),
    rule(read, "core", "namespaces"),
    rule(read, "storage.k8s.io", "csidrivers"),
    rule(read, "storage.k8s.io", "csistoragecapacities"),
  ]),
  clusterRole("system:kube-controller-manager", [
    eventsRule,
    rule("create", "coordination.k8s.io", "leases"),
    rule("get update", "coordination.k8s.io", "leases", "kube-controller-manager"),
    rule("create", "core", "secrets serviceaccounts"),
    rule("delete", "core", "secrets"),
    rule("get", "core", "configmaps namespaces secrets serviceaccounts"),
    rule("update", "core", "secrets serviceaccounts"),
    tokenReviews,
    accessReviews,
    rule("list watch", "*", "*"),
    rule("create", "core", "serviceaccounts/token"),
  ]),
  /** What our controllers do and upstream's do not, or do in the API server: the `kubernetes` Service, the default StorageClass, patches where upstream updates. */
  clusterRole("seedpod:controller-manager", [
    rule("create get list patch update watch", "core", "endpoints services"),
    rule("create get list patch update watch", "discovery.k8s.io", "endpointslices"),
    rule("create get list patch update watch", "storage.k8s.io", "storageclasses"),
    rule("patch", "core", "configmaps namespaces/finalize namespaces/status persistentvolumeclaims persistentvolumeclaims/status persistentvolumes persistentvolumes/status"),
    rule("patch", "apps", "deployments deployments/status replicasets/status"),
  ]),
  requester("nodeclient"),
  requester("selfnodeclient"),
  approver("kube-apiserver-client"),
  approver("kube-apiserver-client-kubelet"),
  approver("kubelet-serving"),
  approver("legacy-unknown"),
];
