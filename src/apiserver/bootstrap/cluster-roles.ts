/** The roles that every cluster has from its first second. Upstream: plugin/pkg/auth/authorizer/rbac/bootstrappolicy/policy.go */
import type { ClusterRole, PolicyRule } from "#api/gen/rbac-v1.ts";
import { on, paths, read, readWrite, write } from "./rules.ts";

const bootstrapping = { "kubernetes.io/bootstrapping": "rbac-defaults" };
const autoupdate = { "rbac.authorization.kubernetes.io/autoupdate": "true" };

const role = (name: string, rules: readonly PolicyRule[], labels: Readonly<Record<string, string>> = {}): ClusterRole =>
  ({ metadata: { name, labels: { ...bootstrapping, ...labels }, annotations: autoupdate }, rules: [...rules] });
const aggregated = (name: string, labels: Readonly<Record<string, string>> = {}): ClusterRole => ({
  metadata: { name, labels: { ...bootstrapping, ...labels }, annotations: autoupdate },
  aggregationRule: { clusterRoleSelectors: [{ matchLabels: { [`rbac.authorization.k8s.io/aggregate-to-${name}`]: "true" } }] }, rules: [],
});
const aggregateTo = (name: string): Record<string, string> => ({ [`rbac.authorization.k8s.io/aggregate-to-${name}`]: "true" });

const events: readonly PolicyRule[] = [on("", "events", ["create", "patch", "update"]), on("events.k8s.io", "events", ["create", "patch", "update"])];
const everywhere: PolicyRule = { apiGroups: ["*"], resources: ["*"], verbs: [...readWrite] };

const workloads = "daemonsets deployments deployments/scale replicasets replicasets/scale statefulsets statefulsets/scale";
const coreObjects = "configmaps endpoints persistentvolumeclaims pods replicationcontrollers replicationcontrollers/scale serviceaccounts services";

/** What `view` shows: everything of a namespace but its Secrets and who may do what. */
const view: readonly PolicyRule[] = [
  on("", `${coreObjects} persistentvolumeclaims/status pods/log pods/status replicationcontrollers/status services/status bindings events limitranges namespaces namespaces/status resourcequotas resourcequotas/status`, read),
  on("discovery.k8s.io", "endpointslices", read),
  on("apps", `controllerrevisions ${workloads} daemonsets/status deployments/status replicasets/status statefulsets/status`, read),
  on("autoscaling", "horizontalpodautoscalers horizontalpodautoscalers/status", read),
  on("batch", "cronjobs cronjobs/status jobs jobs/status", read),
  on("policy", "poddisruptionbudgets poddisruptionbudgets/status", read),
  on("networking.k8s.io", "ingresses ingresses/status networkpolicies", read),
  on("resource.k8s.io", "resourceclaims resourceclaims/status resourceclaimtemplates", read),
];
const edit: readonly PolicyRule[] = [
  on("", "pods/attach pods/exec pods/portforward pods/proxy secrets services/proxy", read),
  on("", "serviceaccounts", ["impersonate"]),
  on("", "pods pods/attach pods/exec pods/portforward pods/proxy", write),
  on("", "pods/eviction", ["create"]),
  on("", "configmaps events persistentvolumeclaims replicationcontrollers replicationcontrollers/scale secrets serviceaccounts services services/proxy", write),
  on("", "serviceaccounts/token", ["create"]),
  on("apps", `${workloads} deployments/rollback`, write),
  on("autoscaling", "horizontalpodautoscalers", write),
  on("batch", "cronjobs jobs", write),
  on("policy", "poddisruptionbudgets", write),
  on("networking.k8s.io", "ingresses networkpolicies", write),
  on("coordination.k8s.io", "leases", readWrite),
  on("resource.k8s.io", "resourceclaims resourceclaimtemplates", write),
];
const admin: readonly PolicyRule[] = [
  on("authorization.k8s.io", "localsubjectaccessreviews", ["create"]),
  on("rbac.authorization.k8s.io", "rolebindings roles", readWrite),
];

const scheduler: readonly PolicyRule[] = [
  ...events,
  on("coordination.k8s.io", "leases", ["create", "get", "list", "patch", "update", "watch"]),
  on("", "nodes namespaces", read),
  on("", "pods", ["delete", ...read]),
  on("", "bindings pods/binding", ["create"]),
  on("", "pods/status", ["patch", "update"]),
  on("", "replicationcontrollers services", read),
  on("apps", "replicasets statefulsets", read),
  on("policy", "poddisruptionbudgets", read),
  on("", "persistentvolumeclaims persistentvolumes", ["patch", "update", ...read]),
  on("storage.k8s.io", "csidrivers csinodes csistoragecapacities storageclasses volumeattachments", read),
  on("authentication.k8s.io", "tokenreviews", ["create"]),
  on("authorization.k8s.io", "subjectaccessreviews", ["create"]),
];

export const clusterRoles: readonly ClusterRole[] = [
  role("cluster-admin", [{ apiGroups: ["*"], resources: ["*"], verbs: ["*"] }, { nonResourceURLs: ["*"], verbs: ["*"] }]),
  role("system:discovery", [paths("/api", "/api/*", "/apis", "/apis/*", "/healthz", "/livez", "/openapi", "/openapi/*", "/readyz", "/version", "/version/")]),
  role("system:public-info-viewer", [paths("/healthz", "/livez", "/readyz", "/version", "/version/")]),
  role("system:basic-user", [
    on("authorization.k8s.io", "selfsubjectaccessreviews selfsubjectrulesreviews", ["create"]),
    on("authentication.k8s.io", "selfsubjectreviews", ["create"]),
  ]),
  role("system:monitoring", [paths("/healthz", "/healthz/*", "/livez", "/livez/*", "/metrics", "/metrics/slis", "/readyz", "/readyz/*")]),
  role("system:service-account-issuer-discovery", [paths("/.well-known/openid-configuration", "/.well-known/openid-configuration/", "/openid/v1/jwks", "/openid/v1/jwks/")]),
  aggregated("admin"),
  aggregated("edit", aggregateTo("admin")),
  aggregated("view", aggregateTo("edit")),
  role("system:aggregate-to-admin", admin, aggregateTo("admin")),
  role("system:aggregate-to-edit", edit, aggregateTo("edit")),
  role("system:aggregate-to-view", view, aggregateTo("view")),
  role("system:auth-delegator", [on("authentication.k8s.io", "tokenreviews", ["create"]), on("authorization.k8s.io", "subjectaccessreviews", ["create"])]),
  role("system:kubelet-api-admin", [on("", "nodes", ["get", "list", "watch", "proxy"]), on("", "nodes/configz nodes/healthz nodes/log nodes/metrics nodes/pods nodes/proxy nodes/stats", ["*"])]),
  role("system:node-proxier", [on("", "endpoints services", ["list", "watch"]), on("", "nodes", read), ...events, on("discovery.k8s.io", "endpointslices", ["list", "watch"])]),
  role("system:persistent-volume-provisioner", [
    on("", "persistentvolumes", ["create", "delete", ...read]), on("", "persistentvolumeclaims", ["update", ...read]), on("storage.k8s.io", "storageclasses", read), on("", "events", ["watch"]), ...events,
  ]),
  // Nodes get their rights from the Node authorizer; the role is here, unbound, as upstream has it
  role("system:node", [on("authentication.k8s.io", "tokenreviews", ["create"]), on("authorization.k8s.io", "localsubjectaccessreviews subjectaccessreviews", ["create"]), on("", "services", read), on("", "nodes", ["create", "patch", "update", ...read])]),
  role("system:kube-scheduler", scheduler),
  // one identity for all controllers: garbage collection and namespace deletion reach every resource there is
  role("system:kube-controller-manager", [
    everywhere, on("authentication.k8s.io", "tokenreviews", ["create"]), on("authorization.k8s.io", "subjectaccessreviews", ["create"]),
    { nonResourceURLs: ["*"], verbs: ["get"] },
  ]),
];
