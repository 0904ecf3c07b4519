import type { CSIStorageCapacity } from "#api/gen/storage-v1.ts";
import type { Cause } from "#apimachinery/status.ts";
import { eachInvalid, immutable, invalidValue } from "#apimachinery/validation/causes.ts";
import { dns1123Subdomain } from "#apimachinery/validation/names.ts";
import { validateLabelSelector } from "#apimachinery/validation/selector.ts";
import { quantityOf } from "../common/quantity-of.ts";
import { nameColumn } from "../common/columns.ts";
import type { Resource } from "../resource.ts";

/** Upstream: pkg/apis/storage/validation ValidateCSIStorageCapacity */
const validate = ({ nodeTopology, storageClassName: className, capacity }: CSIStorageCapacity): readonly Cause[] => [
  ...validateLabelSelector(nodeTopology, "nodeTopology"),
  ...eachInvalid("storageClassName", className, dns1123Subdomain(className)),
  ...((quantityOf(capacity)?.sign ?? 0) < 0 ? [invalidValue("capacity", capacity, "must be greater than or equal to 0")] : []),
];

export const csiStorageCapacities: Resource<CSIStorageCapacity> = {
  group: "storage.k8s.io", version: "v1", kind: "CSIStorageCapacity", schema: "storage/v1.CSIStorageCapacity", scope: "Namespaced",
  names: { plural: "csistoragecapacities", singular: "csistoragecapacity" },
  unconditionalUpdate: false,
  validate,
  validateUpdate: (next, old) => [
    ...immutable("nodeTopology", next.nodeTopology, old.nodeTopology),
    ...immutable("storageClassName", next.storageClassName, old.storageClassName),
  ],
  columns: [
    nameColumn,
    { name: "StorageClassName", type: "string", description: "Whose volumes there is room for.", cell: ({ storageClassName }) => storageClassName },
    { name: "Capacity", type: "string", description: "How much room there is.", cell: ({ capacity }) => capacity ?? "<unset>" },
  ],
};
