import type { OptionalKind } from "#api/optional-kinds.ts";
import { mutatingAdmissionPolicies } from "./admissionregistration/mutating-admission-policy.ts";
import { mutatingAdmissionPolicyBindings, validatingAdmissionPolicyBindings } from "./admissionregistration/policy-bindings.ts";
import { validatingAdmissionPolicies } from "./admissionregistration/validating-admission-policy.ts";
import { mutatingWebhookConfigurations, validatingWebhookConfigurations } from "./admissionregistration/webhooks.ts";
import { customResourceDefinitions } from "./apiextensions/custom-resource-definition.ts";
import { apiServices } from "./apiregistration/api-service.ts";
import { controllerRevisions } from "./apps/controller-revision.ts";
import { daemonSets } from "./apps/daemon-set.ts";
import { deployments } from "./apps/deployment.ts";
import { replicaSets } from "./apps/replica-set.ts";
import { statefulSets } from "./apps/stateful-set.ts";
import { horizontalPodAutoscalers, horizontalPodAutoscalersV1 } from "./autoscaling/horizontal-pod-autoscaler.ts";
import { cronJobs } from "./batch/cron-job.ts";
import { jobs } from "./batch/job.ts";
import { certificateSigningRequests } from "./certificates/certificate-signing-request.ts";
import { clusterTrustBundles } from "./certificates/cluster-trust-bundle.ts";
import { podCertificateRequests } from "./certificates/pod-certificate-request.ts";
import { leases } from "./coordination/lease.ts";
import { componentStatuses } from "./core/component-status.ts";
import { configMaps } from "./core/config-map.ts";
import { endpoints } from "./core/endpoints.ts";
import { events } from "./core/event.ts";
import { limitRanges } from "./core/limit-range.ts";
import { namespaces } from "./core/namespace.ts";
import { nodes } from "./core/node.ts";
import { persistentVolumeClaims } from "./core/persistent-volume-claim.ts";
import { persistentVolumes } from "./core/persistent-volume.ts";
import { podTemplates } from "./core/pod-template.ts";
import { pods } from "./core/pod.ts";
import { replicationControllers } from "./core/replication-controller.ts";
import { resourceQuotas } from "./core/resource-quota.ts";
import { secrets } from "./core/secret.ts";
import { serviceAccounts } from "./core/service-account.ts";
import { services } from "./core/service.ts";
import { endpointSlices } from "./discovery/endpoint-slice.ts";
import { eventsV1 } from "./events/event.ts";
import { flowSchemas } from "./flowcontrol/flow-schema.ts";
import { priorityLevelConfigurations } from "./flowcontrol/priority-level-configuration.ts";
import { ingressClasses } from "./networking/ingress-class.ts";
import { ingresses } from "./networking/ingress.ts";
import { ipAddresses } from "./networking/ip-address.ts";
import { networkPolicies } from "./networking/network-policy.ts";
import { serviceCidrs } from "./networking/service-cidr.ts";
import { runtimeClasses } from "./node/runtime-class.ts";
import { podDisruptionBudgets } from "./policy/pod-disruption-budget.ts";
import { clusterRoleBindings, roleBindings } from "./rbac/bindings.ts";
import { clusterRoles, roles } from "./rbac/roles.ts";
import { erase, type AnyResource } from "./resource.ts";
import { deviceClasses } from "./resource/device-class.ts";
import { resourceClaimTemplates } from "./resource/resource-claim-template.ts";
import { resourceClaims } from "./resource/resource-claim.ts";
import { resourceSlices } from "./resource/resource-slice.ts";
import { priorityClasses } from "./scheduling/priority-class.ts";
import { csiDrivers } from "./storage/csi-driver.ts";
import { csiNodes } from "./storage/csi-node.ts";
import { csiStorageCapacities } from "./storage/csi-storage-capacity.ts";
import { storageClasses } from "./storage/storage-class.ts";
import { volumeAttachments } from "./storage/volume-attachment.ts";
import { volumeAttributesClasses } from "./storage/volume-attributes-class.ts";

/** Every built-in resource that is always served, in the order of the discovery document. */
export const kinds: readonly AnyResource[] = [
  erase(componentStatuses), erase(configMaps), erase(endpoints), erase(events), erase(limitRanges), erase(namespaces), erase(nodes), erase(persistentVolumeClaims), erase(persistentVolumes),
  erase(pods), erase(podTemplates), erase(replicationControllers), erase(resourceQuotas), erase(secrets), erase(serviceAccounts), erase(services),
  erase(mutatingAdmissionPolicies), erase(mutatingAdmissionPolicyBindings), erase(mutatingWebhookConfigurations),
  erase(validatingAdmissionPolicies), erase(validatingAdmissionPolicyBindings), erase(validatingWebhookConfigurations),
  erase(customResourceDefinitions),
  erase(apiServices),
  erase(controllerRevisions), erase(daemonSets), erase(deployments), erase(replicaSets), erase(statefulSets),
  erase(horizontalPodAutoscalers), erase(horizontalPodAutoscalersV1),
  erase(cronJobs), erase(jobs),
  erase(certificateSigningRequests),
  erase(leases),
  erase(endpointSlices),
  erase(eventsV1),
  erase(flowSchemas), erase(priorityLevelConfigurations),
  erase(ingressClasses), erase(ingresses), erase(ipAddresses), erase(networkPolicies), erase(serviceCidrs),
  erase(runtimeClasses),
  erase(podDisruptionBudgets),
  erase(clusterRoleBindings), erase(clusterRoles), erase(roleBindings), erase(roles),
  erase(deviceClasses), erase(resourceClaimTemplates), erase(resourceClaims), erase(resourceSlices),
  erase(priorityClasses),
  erase(csiDrivers), erase(csiNodes), erase(csiStorageCapacities), erase(storageClasses), erase(volumeAttachments), erase(volumeAttributesClasses),
];

const optional: Readonly<Record<OptionalKind, AnyResource>> = { clustertrustbundles: erase(clusterTrustBundles), podcertificaterequests: erase(podCertificateRequests) };

/** Those that were asked for. */
export const optionalResources = (asked: readonly OptionalKind[]): readonly AnyResource[] => asked.map((kind) => optional[kind]);
