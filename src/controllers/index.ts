import { runAll, type Component } from "#base/component.ts";
import type { KeyPair } from "#base/pki.ts";
import { attachDetachController } from "./attach-detach/reconciler.ts";
import { certificateCleaner } from "./certificates/cleaner.ts";
import { podRequestCleaner } from "./certificates/pod-request-cleaner.ts";
import { certificateController } from "./certificates/reconciler.ts";
import { clusterRoleAggregationController } from "./clusterrole-aggregation/reconciler.ts";
import { cronJobController } from "./cronjob/reconciler.ts";
import { daemonSetController } from "./daemonset/reconciler.ts";
import { deploymentController } from "./deployment/reconciler.ts";
import { deviceTaintEvictionController } from "./device-taint-eviction/reconciler.ts";
import { disruptionController } from "./disruption/reconciler.ts";
import { staleTargetController } from "./disruption/stale-targets.ts";
import { endpointsController } from "./endpoints/reconciler.ts";
import { endpointSliceController } from "./endpointslice/reconciler.ts";
import { endpointSliceMirroringController } from "./endpointslice-mirroring/reconciler.ts";
import { ephemeralVolumeController } from "./ephemeral-volume/reconciler.ts";
import { flowSchemaController } from "./flow-schema/reconciler.ts";
import { garbageCollector } from "./garbage-collector/reconciler.ts";
import { horizontalPodAutoscalerController } from "./horizontal-pod-autoscaler/reconciler.ts";
import { orphanPodController } from "./job/orphans.ts";
import { jobController } from "./job/reconciler.ts";
import { kubernetesServiceController } from "./kubernetes-service/reconciler.ts";
import { namespaceController } from "./namespace/reconciler.ts";
import { nodeIpamController } from "./node-ipam/reconciler.ts";
import { nodeLifecycleController } from "./node-lifecycle/reconciler.ts";
import { nodeTtlController } from "./node-ttl/reconciler.ts";
import { defaultClassController } from "./persistent-volume/default-class.ts";
import { claimController, volumeController } from "./persistent-volume/reconciler.ts";
import { podGcController } from "./pod-gc/reconciler.ts";
import { replicaSetController, replicationController } from "./replicaset/reconciler.ts";
import { resourceClaimController } from "./resource-claim/reconciler.ts";
import { unusedResourceClaimController } from "./resource-claim/unused.ts";
import { resourceQuotaController } from "./resource-quota/reconciler.ts";
import { rootCaController } from "./root-ca/reconciler.ts";
import type { ControllerDeps } from "./runner.ts";
import { serviceAccountController } from "./serviceaccount/reconciler.ts";
import { tokenSecretController } from "./serviceaccount/token-secrets.ts";
import { unusedTokenController } from "./serviceaccount/unused-tokens.ts";
import { serviceAddressController } from "./service-address/reconciler.ts";
import { serviceCidrController } from "./service-cidr/reconciler.ts";
import type { ControllerSettings } from "./settings.ts";
import { statefulSetController } from "./statefulset/reconciler.ts";
import { claimProtectionController, volumeProtectionController } from "./storage-protection/reconciler.ts";
import { taintEvictionController } from "./taint-eviction/reconciler.ts";
import { trustBundlePublisher } from "./trust-bundle-publisher/reconciler.ts";
import { ttlAfterFinishedController } from "./ttl-after-finished/reconciler.ts";
import { volumeExpandController } from "./volume-expand/reconciler.ts";

export interface ControllersOptions extends ControllerDeps {
  /** PEM of the cluster's CA, published in every namespace. */
  readonly rootCa: string;
  /** What signs certificates of nodes and clients: the key is a secret. */
  readonly signingCa: KeyPair;
  /** PEM of the key that signs tokens of service accounts: a secret. */
  readonly serviceAccountKey: string;
  /** Where nodes get their pods' addresses from, IPv4. */
  readonly clusterCidr: string;
  /** The address of the Service `kubernetes`, and the API server behind it. */
  readonly serviceIP: string;
  /** Where Services get their addresses from, IPv4. */
  readonly serviceCidr: string;
  readonly apiServerAddress: string;
  readonly apiServerPort: number;
  readonly settings?: ControllerSettings;
}

/** All controllers as one part. The informers are the caller's to run. */
export function controllers(options: ControllersOptions): Component {
  const { rootCa, signingCa, serviceAccountKey, clusterCidr, serviceIP, serviceCidr, apiServerAddress, apiServerPort, settings = {} } = options;
  const asked = settings.optional ?? [];
  const parts = [
    serviceAccountController(options), tokenSecretController(options, { rootCa, signingKey: serviceAccountKey }), unusedTokenController(options, settings.unusedTokenMs), rootCaController(options, rootCa), namespaceController(options),
    kubernetesServiceController(options, { serviceIP, address: apiServerAddress, port: apiServerPort }),
    serviceCidrController(options, serviceCidr), serviceAddressController(options), certificateController(options, signingCa, settings.signingMs), certificateCleaner(options), clusterRoleAggregationController(options), flowSchemaController(options),
    endpointsController(options), endpointSliceController(options), endpointSliceMirroringController(options),
    nodeIpamController(options, clusterCidr), nodeTtlController(options), nodeLifecycleController(options, settings.nodes), taintEvictionController(options), podGcController(options, settings.terminatedPods === undefined ? {} : { threshold: settings.terminatedPods }),
    replicaSetController(options), replicationController(options), deploymentController(options), statefulSetController(options), daemonSetController(options), jobController(options), orphanPodController(options), cronJobController(options), ttlAfterFinishedController(options), horizontalPodAutoscalerController(options, settings.autoscaling),
    disruptionController(options), staleTargetController(options), resourceQuotaController(options, settings.quotaResyncMs),
    garbageCollector(options), ephemeralVolumeController(options), claimController(options), volumeController(options), defaultClassController(options), claimProtectionController(options), volumeProtectionController(options), attachDetachController(options), volumeExpandController(options), resourceClaimController(options), unusedResourceClaimController(options), deviceTaintEvictionController(options),
    ...(asked.includes("clustertrustbundles") ? [trustBundlePublisher(options, rootCa)] : []),
    ...(asked.includes("podcertificaterequests") ? [podRequestCleaner(options)] : []),
  ];
  return { name: "controllers", run: (signal) => runAll(parts, signal) };
}
