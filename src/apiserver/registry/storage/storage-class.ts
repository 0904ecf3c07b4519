import { semanticEqual } from "#apimachinery/equal.ts";
import type { StorageClass } from "#api/gen/storage-v1.ts";
import type { Cause } from "#apimachinery/status.ts";
import { forbidden, immutable, oneOf } from "#apimachinery/validation/causes.ts";
import { ageColumn, nameColumn } from "../common/columns.ts";
import type { Resource } from "../resource.ts";
import { validateProvisioner } from "./driver-name.ts";
import { validateParameters } from "./parameters.ts";
import { validateTopologies } from "./topology-terms.ts";

const defaultClassAnnotation = "storageclass.kubernetes.io/is-default-class";
const betaDefaultClassAnnotation = "storageclass.beta.kubernetes.io/is-default-class";

/** Claims without a class get this one. Upstream: pkg/apis/storage/util IsDefaultAnnotation */
export const isDefaultClass = ({ metadata }: StorageClass): boolean =>
  metadata.annotations?.[defaultClassAnnotation] === "true" || metadata.annotations?.[betaDefaultClassAnnotation] === "true";

/** Upstream: pkg/apis/storage/validation ValidateStorageClass */
const validate = (sc: StorageClass): readonly Cause[] => [
  ...validateProvisioner(sc.provisioner, "provisioner"),
  ...validateParameters(sc.parameters),
  ...oneOf("reclaimPolicy", sc.reclaimPolicy, ["Delete", "Retain"]),
  ...oneOf("volumeBindingMode", sc.volumeBindingMode, ["Immediate", "WaitForFirstConsumer"]),
  ...validateTopologies(sc.allowedTopologies ?? [], "allowedTopologies"),
];

/** Upstream: pkg/apis/storage/validation ValidateStorageClassUpdate */
const validateUpdate = (next: StorageClass, old: StorageClass): readonly Cause[] => [
  ...(semanticEqual(next.parameters, old.parameters) ? [] : [forbidden("parameters", "updates to parameters are forbidden.")]),
  ...(next.provisioner === old.provisioner ? [] : [forbidden("provisioner", "updates to provisioner are forbidden.")]),
  ...(next.reclaimPolicy === old.reclaimPolicy ? [] : [forbidden("reclaimPolicy", "updates to reclaimPolicy are forbidden.")]),
  ...immutable("volumeBindingMode", next.volumeBindingMode, old.volumeBindingMode),
];

export const storageClasses: Resource<StorageClass> = {
  group: "storage.k8s.io", version: "v1", kind: "StorageClass", schema: "storage/v1.StorageClass", scope: "Cluster",
  names: { plural: "storageclasses", singular: "storageclass", short: ["sc"] },
  defaults(sc) {
    sc.reclaimPolicy ??= "Delete";
    sc.volumeBindingMode ??= "Immediate";
  },
  validate,
  validateUpdate,
  columns: [
    { ...nameColumn, cell: (sc) => (isDefaultClass(sc as StorageClass) ? `${sc.metadata.name} (default)` : sc.metadata.name) },
    { name: "Provisioner", type: "string", description: "Who makes the volumes.", cell: ({ provisioner }) => provisioner },
    {
      name: "ReclaimPolicy", type: "string", description: "What becomes of a volume when its claim is gone.",
      cell: ({ reclaimPolicy }) => reclaimPolicy ?? "Delete",
    },
    { name: "VolumeBindingMode", type: "string", description: "When claims are bound.", cell: ({ volumeBindingMode }) => volumeBindingMode ?? "<unset>" },
    { name: "AllowVolumeExpansion", type: "string", description: "Whether claims may grow.", cell: ({ allowVolumeExpansion }) => allowVolumeExpansion ?? false },
    ageColumn,
  ],
};
