import type { ReplicaSet } from "#api/gen/apps-v1.ts";
import type { Namespace, Node, PersistentVolume, PersistentVolumeClaim, Pod, Service } from "#api/gen/core-v1.ts";
import type { PodDisruptionBudget } from "#api/gen/policy-v1.ts";
import type { DeviceClass, ResourceClaim, ResourceSlice } from "#api/gen/resource-v1.ts";
import type { CSIDriver, CSINode, CSIStorageCapacity, StorageClass, VolumeAttachment } from "#api/gen/storage-v1.ts";
import { csiDrivers, csiNodes, csiStorageCapacities, deviceClasses, namespaces, nodes, persistentVolumeClaims, persistentVolumes, podDisruptionBudgets, pods, replicaSets, resourceClaims, resourceSlices, services, storageClasses, volumeAttachments } from "#api/resources.ts";
import type { Informer, Informers } from "#client/lister.ts";

/** Everything the scheduler follows. */
export interface Sources {
  readonly pods: Informer<Pod>;
  readonly nodes: Informer<Node>;
  readonly claims: Informer<PersistentVolumeClaim>;
  readonly volumes: Informer<PersistentVolume>;
  readonly classes: Informer<StorageClass>;
  readonly namespaces: Informer<Namespace>;
  readonly services: Informer<Service>;
  readonly replicaSets: Informer<ReplicaSet>;
  readonly budgets: Informer<PodDisruptionBudget>;
  readonly csiNodes: Informer<CSINode>;
  readonly drivers: Informer<CSIDriver>;
  readonly capacities: Informer<CSIStorageCapacity>;
  readonly attachments: Informer<VolumeAttachment>;
  readonly resourceClaims: Informer<ResourceClaim>;
  readonly resourceSlices: Informer<ResourceSlice>;
  readonly deviceClasses: Informer<DeviceClass>;
}

export const sourcesFrom = (informers: Informers): Sources => ({
  pods: informers.for(pods),
  nodes: informers.for(nodes),
  claims: informers.for(persistentVolumeClaims),
  volumes: informers.for(persistentVolumes),
  classes: informers.for(storageClasses),
  namespaces: informers.for(namespaces),
  services: informers.for(services),
  replicaSets: informers.for(replicaSets),
  budgets: informers.for(podDisruptionBudgets),
  csiNodes: informers.for(csiNodes),
  drivers: informers.for(csiDrivers),
  capacities: informers.for(csiStorageCapacities),
  attachments: informers.for(volumeAttachments),
  resourceClaims: informers.for(resourceClaims),
  resourceSlices: informers.for(resourceSlices),
  deviceClasses: informers.for(deviceClasses),
});
