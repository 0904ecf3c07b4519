/** The resources that Seedpod's own parts talk about, each with the type of its objects. */
import type { KubeObject } from "#apimachinery/meta.ts";
import type * as admissionregistration from "./gen/admissionregistration-v1.ts";
import type * as apiregistration from "./gen/apiregistration-v1.ts";
import type * as apps from "./gen/apps-v1.ts";
import type * as autoscaling from "./gen/autoscaling-v2.ts";
import type * as batch from "./gen/batch-v1.ts";
import type * as certificates from "./gen/certificates-v1.ts";
import type * as coordination from "./gen/coordination-v1.ts";
import type * as core from "./gen/core-v1.ts";
import type * as discovery from "./gen/discovery-v1.ts";
import type * as flowcontrol from "./gen/flowcontrol-v1.ts";
import type * as networking from "./gen/networking-v1.ts";
import type * as node from "./gen/node-v1.ts";
import type * as policy from "./gen/policy-v1.ts";
import type * as rbac from "./gen/rbac-v1.ts";
import type * as resource from "./gen/resource-v1.ts";
import type * as scheduling from "./gen/scheduling-v1.ts";
import type * as storage from "./gen/storage-v1.ts";

/** Names a resource; `T` is the type of its objects (carried by the compiler only). */
export interface ResourceRef<T extends KubeObject = KubeObject> {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly _type?: T;
}

const ref = <T extends KubeObject>(group: string, resource: string, kind: string, namespaced: boolean): ResourceRef<T> => ({ group, version: "v1", resource, kind, namespaced });

export const namespaces: ResourceRef<core.Namespace> = ref("", "namespaces", "Namespace", false);
export const nodes: ResourceRef<core.Node> = ref("", "nodes", "Node", false);
export const pods: ResourceRef<core.Pod> = ref("", "pods", "Pod", true);
export const configMaps: ResourceRef<core.ConfigMap> = ref("", "configmaps", "ConfigMap", true);
export const secrets: ResourceRef<core.Secret> = ref("", "secrets", "Secret", true);
export const serviceAccounts: ResourceRef<core.ServiceAccount> = ref("", "serviceaccounts", "ServiceAccount", true);
export const services: ResourceRef<core.Service> = ref("", "services", "Service", true);
export const endpoints: ResourceRef<core.Endpoints> = ref("", "endpoints", "Endpoints", true);
export const events: ResourceRef<core.Event> = ref("", "events", "Event", true);
export const persistentVolumes: ResourceRef<core.PersistentVolume> = ref("", "persistentvolumes", "PersistentVolume", false);
export const persistentVolumeClaims: ResourceRef<core.PersistentVolumeClaim> = ref("", "persistentvolumeclaims", "PersistentVolumeClaim", true);
export const replicationControllers: ResourceRef<core.ReplicationController> = ref("", "replicationcontrollers", "ReplicationController", true);
export const resourceQuotas: ResourceRef<core.ResourceQuota> = ref("", "resourcequotas", "ResourceQuota", true);
export const limitRanges: ResourceRef<core.LimitRange> = ref("", "limitranges", "LimitRange", true);
export const replicaSets: ResourceRef<apps.ReplicaSet> = ref("apps", "replicasets", "ReplicaSet", true);
export const deployments: ResourceRef<apps.Deployment> = ref("apps", "deployments", "Deployment", true);
export const jobs: ResourceRef<batch.Job> = ref("batch", "jobs", "Job", true);
export const cronJobs: ResourceRef<batch.CronJob> = ref("batch", "cronjobs", "CronJob", true);
export const statefulSets: ResourceRef<apps.StatefulSet> = ref("apps", "statefulsets", "StatefulSet", true);
export const daemonSets: ResourceRef<apps.DaemonSet> = ref("apps", "daemonsets", "DaemonSet", true);
export const controllerRevisions: ResourceRef<apps.ControllerRevision> = ref("apps", "controllerrevisions", "ControllerRevision", true);
export const horizontalPodAutoscalers: ResourceRef<autoscaling.HorizontalPodAutoscaler> = { ...ref("autoscaling", "horizontalpodautoscalers", "HorizontalPodAutoscaler", true), version: "v2" };
export const podDisruptionBudgets: ResourceRef<policy.PodDisruptionBudget> = ref("policy", "poddisruptionbudgets", "PodDisruptionBudget", true);
export const endpointSlices: ResourceRef<discovery.EndpointSlice> = ref("discovery.k8s.io", "endpointslices", "EndpointSlice", true);
export const leases: ResourceRef<coordination.Lease> = ref("coordination.k8s.io", "leases", "Lease", true);
export const apiServices: ResourceRef<apiregistration.APIService> = ref("apiregistration.k8s.io", "apiservices", "APIService", false);
export const certificateSigningRequests: ResourceRef<certificates.CertificateSigningRequest> = ref("certificates.k8s.io", "certificatesigningrequests", "CertificateSigningRequest", false);
export const flowSchemas: ResourceRef<flowcontrol.FlowSchema> = ref("flowcontrol.apiserver.k8s.io", "flowschemas", "FlowSchema", false);
export const priorityLevelConfigurations: ResourceRef<flowcontrol.PriorityLevelConfiguration> = ref("flowcontrol.apiserver.k8s.io", "prioritylevelconfigurations", "PriorityLevelConfiguration", false);
export const ingressClasses: ResourceRef<networking.IngressClass> = ref("networking.k8s.io", "ingressclasses", "IngressClass", false);
export const ipAddresses: ResourceRef<networking.IPAddress> = ref("networking.k8s.io", "ipaddresses", "IPAddress", false);
export const serviceCidrs: ResourceRef<networking.ServiceCIDR> = ref("networking.k8s.io", "servicecidrs", "ServiceCIDR", false);
export const runtimeClasses: ResourceRef<node.RuntimeClass> = ref("node.k8s.io", "runtimeclasses", "RuntimeClass", false);
export const storageClasses: ResourceRef<storage.StorageClass> = ref("storage.k8s.io", "storageclasses", "StorageClass", false);
export const csiNodes: ResourceRef<storage.CSINode> = ref("storage.k8s.io", "csinodes", "CSINode", false);
export const csiDrivers: ResourceRef<storage.CSIDriver> = ref("storage.k8s.io", "csidrivers", "CSIDriver", false);
export const volumeAttachments: ResourceRef<storage.VolumeAttachment> = ref("storage.k8s.io", "volumeattachments", "VolumeAttachment", false);
export const resourceSlices: ResourceRef<resource.ResourceSlice> = ref("resource.k8s.io", "resourceslices", "ResourceSlice", false);
export const priorityClasses: ResourceRef<scheduling.PriorityClass> = ref("scheduling.k8s.io", "priorityclasses", "PriorityClass", false);
export const roles: ResourceRef<rbac.Role> = ref("rbac.authorization.k8s.io", "roles", "Role", true);
export const roleBindings: ResourceRef<rbac.RoleBinding> = ref("rbac.authorization.k8s.io", "rolebindings", "RoleBinding", true);
export const clusterRoles: ResourceRef<rbac.ClusterRole> = ref("rbac.authorization.k8s.io", "clusterroles", "ClusterRole", false);
export const clusterRoleBindings: ResourceRef<rbac.ClusterRoleBinding> = ref("rbac.authorization.k8s.io", "clusterrolebindings", "ClusterRoleBinding", false);
export const validatingAdmissionPolicies: ResourceRef<admissionregistration.ValidatingAdmissionPolicy> = ref("admissionregistration.k8s.io", "validatingadmissionpolicies", "ValidatingAdmissionPolicy", false);
export const validatingAdmissionPolicyBindings: ResourceRef<admissionregistration.ValidatingAdmissionPolicyBinding> = ref("admissionregistration.k8s.io", "validatingadmissionpolicybindings", "ValidatingAdmissionPolicyBinding", false);
export const mutatingAdmissionPolicies: ResourceRef<admissionregistration.MutatingAdmissionPolicy> = ref("admissionregistration.k8s.io", "mutatingadmissionpolicies", "MutatingAdmissionPolicy", false);
export const mutatingAdmissionPolicyBindings: ResourceRef<admissionregistration.MutatingAdmissionPolicyBinding> = ref("admissionregistration.k8s.io", "mutatingadmissionpolicybindings", "MutatingAdmissionPolicyBinding", false);
