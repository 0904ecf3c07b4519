import type { ClusterRole, PolicyRule } from "#api/gen/rbac-v1.ts";
import { clusterRole, eventsRule, read, rule } from "./bootstrap-rules.ts";

const apps = "apps extensions";
const csr = "certificatesigningrequests";

/** What each controller may do, by its name. Upstream: plugin/pkg/auth/authorizer/rbac/bootstrappolicy buildControllerRoles */
const rules: Readonly<Record<string, readonly PolicyRule[]>> = {
  "attachdetach-controller": [
    rule("list watch", "core", "persistentvolumeclaims persistentvolumes"), rule(read, "core", "nodes"), rule("patch update", "core", "nodes/status"), rule("list watch", "core", "pods"), eventsRule,
    rule("create delete get list watch", "storage.k8s.io", "volumeattachments"), rule(read, "storage.k8s.io", "csidrivers"), rule(read, "storage.k8s.io", "csinodes"),
  ],
  "certificate-controller": [
    rule("delete get list watch", "certificates.k8s.io", csr), rule("update", "certificates.k8s.io", `${csr}/approval ${csr}/status`),
    rule("approve", "certificates.k8s.io", "signers", "kubernetes.io/kube-apiserver-client-kubelet"),
    rule("sign", "certificates.k8s.io", "signers", "kubernetes.io/kube-apiserver-client kubernetes.io/kube-apiserver-client-kubelet kubernetes.io/kubelet-serving kubernetes.io/legacy-unknown"),
    rule("create", "authorization.k8s.io", "subjectaccessreviews"), eventsRule,
  ],
  "clusterrole-aggregation-controller": [rule("escalate get list patch update watch", "rbac.authorization.k8s.io", "clusterroles")],
  "cronjob-controller": [
    rule("get list update watch", "batch", "cronjobs"), rule("create delete get list patch update watch", "batch", "jobs"), rule("update", "batch", "cronjobs/status"),
    rule("update", "batch", "cronjobs/finalizers"), rule("delete list watch", "core", "pods"), eventsRule,
  ],
  "device-taint-eviction-controller": [
    rule("delete get list watch", "core", "pods"), rule("get patch update", "core", "pods/status"), rule(read, "resource.k8s.io", "resourceclaims resourceslices"), eventsRule,
  ],
  "daemon-set-controller": [
    rule(read, apps, "daemonsets"), rule("update", apps, "daemonsets/status"), rule("update", apps, "daemonsets/finalizers"), rule("list watch", "core", "nodes"),
    rule("create delete list patch watch", "core", "pods"), rule("create", "core", "pods/binding"), rule("create delete get list patch update watch", "apps", "controllerrevisions"), eventsRule,
  ],
  "deployment-controller": [
    rule("get list update watch", apps, "deployments"), rule("update", apps, "deployments/status"), rule("update", apps, "deployments/finalizers"),
    rule("create delete get list patch update watch", apps, "replicasets"), rule("get list update watch", "core", "pods"), eventsRule,
  ],
  "disruption-controller": [
    rule(read, apps, "deployments"), rule(read, apps, "replicasets"), rule(read, "core", "replicationcontrollers"), rule(read, "policy", "poddisruptionbudgets"), rule(read, "apps", "statefulsets"),
    rule("update", "policy", "poddisruptionbudgets/status"), rule("patch update", "core", "pods/status"), rule("get", "*", "*/scale"), eventsRule,
  ],
  "endpoint-controller": [rule(read, "core", "pods services"), rule("create delete get list update watch", "core", "endpoints"), rule("create", "core", "endpoints/restricted"), eventsRule],
  "endpointslice-controller": [rule(read, "core", "nodes pods services"), rule("update", "core", "services/finalizers"), rule("create delete get list update watch", "discovery.k8s.io", "endpointslices"), eventsRule],
  "endpointslicemirroring-controller": [
    rule(read, "core", "endpoints services"), rule("update", "core", "services/finalizers"), rule("update", "core", "endpoints/finalizers"),
    rule("create delete get list update watch", "discovery.k8s.io", "endpointslices"), eventsRule,
  ],
  "ephemeral-volume-controller": [rule(read, "core", "pods"), rule("update", "core", "pods/finalizers"), rule("create get list watch", "core", "persistentvolumeclaims"), eventsRule],
  "expand-controller": [
    rule("get list patch update watch", "core", "persistentvolumes"), rule("patch update", "core", "persistentvolumeclaims/status"), rule(read, "core", "persistentvolumeclaims"), eventsRule,
    rule("get", "core", "services"),
  ],
  "generic-garbage-collector": [rule("delete get list patch update watch", "*", "*"), eventsRule],
  "horizontal-pod-autoscaler": [
    rule(read, "autoscaling", "horizontalpodautoscalers"), rule("update", "autoscaling", "horizontalpodautoscalers/status"), rule("get update", "*", "*/scale"), rule("list watch", "core", "pods"),
    rule("list watch", "metrics.k8s.io", "pods"), rule(read, "custom.metrics.k8s.io", "*"), rule(read, "external.metrics.k8s.io", "*"), eventsRule,
  ],
  "job-controller": [
    rule("get list patch update watch", "batch", "jobs"), rule("update", "batch", "jobs/status"), rule("update", "batch", "jobs/finalizers"), rule("create delete list patch watch", "core", "pods"), eventsRule,
  ],
  "legacy-service-account-token-cleaner": [rule("get", "core", "configmaps", "kube-apiserver-legacy-service-account-token-tracking"), rule("delete patch", "core", "secrets")],
  "namespace-controller": [rule("delete get list watch", "core", "namespaces"), rule("update", "core", "namespaces/finalize namespaces/status"), rule("delete deletecollection get list watch", "*", "*")],
  "node-controller": [
    rule("delete get list patch update watch", "core", "nodes"), rule("patch update", "core", "nodes/status"), rule("patch update", "core", "pods/status"), rule("delete get list watch", "core", "pods"), eventsRule,
  ],
  "persistent-volume-binder": [
    rule("create delete get list update watch", "core", "persistentvolumes"), rule("update", "core", "persistentvolumes/status"), rule("get list update watch", "core", "persistentvolumeclaims"),
    rule("update", "core", "persistentvolumeclaims/status"), rule("create delete get list watch", "core", "pods"), rule(read, "storage.k8s.io", "storageclasses"), rule("list watch", "core", "nodes"), eventsRule,
    rule("watch", "core", "events"), rule("get", "core", "services"),
  ],
  "pod-garbage-collector": [rule("delete list watch", "core", "pods"), rule(read, "core", "nodes"), rule("patch", "core", "pods/status")],
  "pv-protection-controller": [rule("get list update watch", "core", "persistentvolumes"), eventsRule],
  "pvc-protection-controller": [rule("get list update watch", "core", "persistentvolumeclaims"), rule(read, "core", "pods"), eventsRule],
  "replicaset-controller": [
    rule("get list update watch", apps, "replicasets"), rule("update", apps, "replicasets/status"), rule("update", apps, "replicasets/finalizers"), rule("create delete list patch watch", "core", "pods"), eventsRule,
  ],
  "replication-controller": [
    rule("get list update watch", "core", "replicationcontrollers"), rule("update", "core", "replicationcontrollers/status"), rule("update", "core", "replicationcontrollers/finalizers"),
    rule("create delete list patch watch", "core", "pods"), eventsRule,
  ],
  "resource-claim-controller": [
    rule(read, "core", "pods"), rule("update", "core", "pods/finalizers"), rule(read, "resource.k8s.io", "resourceclaimtemplates"), rule("create delete get list watch", "resource.k8s.io", "resourceclaims"),
    rule("patch update", "resource.k8s.io", "resourceclaims resourceclaims/status"), rule("patch update", "resource.k8s.io", "resourceclaims/binding"), rule("patch update", "core", "pods/status"), eventsRule,
  ],
  "resourcequota-controller": [rule("list watch", "*", "*"), rule("update", "core", "resourcequotas/status"), eventsRule],
  "root-ca-cert-publisher": [rule("create update", "core", "configmaps"), eventsRule],
  "route-controller": [rule("list watch", "core", "nodes"), rule("patch", "core", "nodes/status"), eventsRule],
  "service-account-controller": [rule("create", "core", "serviceaccounts"), eventsRule],
  "service-cidrs-controller": [
    rule("get list patch update watch", "networking.k8s.io", "servicecidrs"), rule("patch update", "networking.k8s.io", "servicecidrs/finalizers"), rule("patch update", "networking.k8s.io", "servicecidrs/status"),
    rule(read, "networking.k8s.io", "ipaddresses"), eventsRule,
  ],
  "service-controller": [rule(read, "core", "services"), rule("patch update", "core", "services/status"), rule("list watch", "core", "nodes"), eventsRule],
  "statefulset-controller": [
    rule("list watch", "core", "pods"), rule(read, "apps", "statefulsets"), rule("update", "apps", "statefulsets/status"), rule("update", "apps", "statefulsets/finalizers"),
    rule("create delete get patch update", "core", "pods"), rule("create delete get list patch update watch", "apps", "controllerrevisions"), rule("create get list watch", "core", "persistentvolumeclaims"),
    rule("delete update", "core", "persistentvolumeclaims"), rule("update", "core", "pods/finalizers"), eventsRule,
  ],
  "ttl-after-finished-controller": [rule("delete get list watch", "batch", "jobs"), eventsRule],
  "ttl-controller": [rule("list patch update watch", "core", "nodes"), eventsRule],
  "volumeattributesclass-protection-controller": [
    rule("list watch", "core", "persistentvolumeclaims"), rule("list watch", "core", "persistentvolumes"), rule("get list update watch", "storage.k8s.io", "volumeattributesclasses"), eventsRule,
  ],
  "validatingadmissionpolicy-status-controller": [
    rule(read, "admissionregistration.k8s.io", "validatingadmissionpolicies"), rule("get patch update", "admissionregistration.k8s.io", "validatingadmissionpolicies/status"), eventsRule,
  ],
};

export const controllerNames: readonly string[] = Object.keys(rules);
export const controllerRoles: readonly ClusterRole[] = Object.entries(rules).map(([name, list]) => clusterRole(`system:controller:${name}`, list));
