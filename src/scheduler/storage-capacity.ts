import type { PersistentVolumeClaim } from "#api/gen/core-v1.ts";
import type { CSIDriver, CSIStorageCapacity } from "#api/gen/storage-v1.ts";
import { requestedSize } from "#api/volume-matching.ts";
import { Quantity } from "#apimachinery/quantity.ts";
import { labelSelectorOf } from "#apimachinery/selectors.ts";

/** Whether a driver that tells of its room has enough for the claim where the node is. Upstream: volumebinding hasEnoughCapacity */
export function hasRoom(claim: PersistentVolumeClaim, labels: Readonly<Record<string, string>>, driver: CSIDriver | undefined, capacities: readonly CSIStorageCapacity[]): boolean {
  if (driver?.spec.storageCapacity !== true) return true;
  const size = requestedSize(claim);
  return capacities.some(({ storageClassName, nodeTopology, maximumVolumeSize, capacity }) => {
    const most = maximumVolumeSize ?? capacity;
    const here = nodeTopology !== undefined && labelSelectorOf(nodeTopology).matches(labels);
    return storageClassName === claim.spec.storageClassName && here && most !== undefined && Quantity.parse(most).cmp(size) >= 0;
  });
}
