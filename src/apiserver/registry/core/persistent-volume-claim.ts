import type { PersistentVolumeClaim } from "#api/gen/core-v1.ts";
import { semanticEqual } from "#apimachinery/equal.ts";
import type { Cause } from "#apimachinery/status.ts";
import { forbidden, immutable } from "#apimachinery/validation/causes.ts";
import { quantityOf } from "../common/checks.ts";
import { ageColumn, nameColumn } from "../common/columns.ts";
import { difference } from "../common/difference.ts";
import type { Resource } from "../resource.ts";
import { accessModeText } from "./access-modes.ts";
import { validateClaimSpec } from "./claim-spec.ts";

/** A claim without a size may be bound to any volume; one that is bound may grow. Upstream: pkg/apis/core/validation ValidatePersistentVolumeClaimUpdate */
function validateUpdate(next: PersistentVolumeClaim, old: PersistentVolumeClaim): readonly Cause[] {
  const compared = { ...next.spec };
  if (!old.spec.volumeName && next.spec.volumeName) delete compared.volumeName;
  const before = { ...old.spec };
  if (!before.volumeName) delete before.volumeName;
  const causes: Cause[] = [];
  const asked = next.spec.resources?.requests?.["storage"];
  const had = old.spec.resources?.requests?.["storage"];
  if (asked !== undefined && had !== undefined && asked !== had && old.status.phase === "Bound") {
    compared.resources = { ...compared.resources, requests: { ...compared.resources?.requests, storage: had } };
    const least = quantityOf(old.status.capacity?.["storage"] ?? had);
    if (least !== undefined && quantityOf(asked)?.cmp(least) === -1) causes.push(forbidden("spec.resources.requests.storage", "field can not be less than status.capacity"));
  }
  if (old.spec.storageClassName === undefined && next.spec.storageClassName !== undefined) delete compared.storageClassName;
  if (!semanticEqual(compared, before)) causes.push(forbidden("spec", `spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims\n${difference(before, compared)}`));
  return [...causes, ...immutable("spec.volumeMode", next.spec.volumeMode, old.spec.volumeMode)];
}

/** `dataSource` and `dataSourceRef` say the same where the source lies in the claim's namespace. Upstream: pkg/registry/core/persistentvolumeclaim NormalizeDataSources */
function syncSources({ spec }: PersistentVolumeClaim): void {
  if (spec.dataSource !== undefined && spec.dataSourceRef === undefined) spec.dataSourceRef = { ...spec.dataSource };
  else if (spec.dataSourceRef !== undefined && spec.dataSource === undefined && !spec.dataSourceRef.namespace) {
    const { apiGroup, kind, name } = spec.dataSourceRef;
    spec.dataSource = { ...(apiGroup !== undefined && { apiGroup }), kind, name };
  }
}

export const persistentVolumeClaims: Resource<PersistentVolumeClaim> = {
  group: "", version: "v1", kind: "PersistentVolumeClaim", schema: "core/v1.PersistentVolumeClaim", scope: "Namespaced",
  names: { plural: "persistentvolumeclaims", singular: "persistentvolumeclaim", short: ["pvc"] },
  generation: false,
  defaults({ spec }) {
    spec.volumeMode ??= "Filesystem";
  },
  prepareCreate(claim) {
    claim.status = { phase: "Pending" };
    syncSources(claim);
  },
  validate: ({ spec }) => validateClaimSpec(spec, "spec"),
  validateUpdate,
  subresources: {
    status: { type: "write", prepareUpdate: (next, old) => { next.spec = old.spec; } },
  },
  columns: [
    nameColumn,
    {
      name: "Status", type: "string", description: "Whether the claim has its volume.",
      cell: ({ metadata, status }) => (metadata.deletionTimestamp === undefined ? (status.phase ?? "") : "Terminating"),
    },
    { name: "Volume", type: "string", description: "The volume.", cell: ({ spec }) => spec.volumeName ?? "" },
    { name: "Capacity", type: "string", description: "Its size.", cell: ({ spec, status }) => (spec.volumeName ? (status.capacity?.["storage"] ?? "0") : "") },
    {
      name: "Access Modes", type: "string", description: "How it may be used.",
      cell: ({ spec, status }) => (spec.volumeName ? accessModeText(status.accessModes) : ""),
    },
    {
      name: "StorageClass", type: "string", description: "The class it is asked from.",
      cell: ({ metadata, spec }) => metadata.annotations?.["volume.beta.kubernetes.io/storage-class"] ?? spec.storageClassName ?? "",
    },
    { name: "VolumeAttributesClass", type: "string", description: "The class of its attributes.", cell: ({ spec }) => spec.volumeAttributesClassName ?? "<unset>" },
    ageColumn,
    { name: "VolumeMode", type: "string", wide: true, description: "File system or block device.", cell: ({ spec }) => spec.volumeMode ?? "<unset>" },
  ],
};
