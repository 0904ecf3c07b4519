import type { PersistentVolumeClaim } from "#api/gen/core-v1.ts";
import { semanticEqual } from "#apimachinery/equal.ts";
import { Quantity } from "#apimachinery/quantity.ts";
import type { Cause } from "#apimachinery/status.ts";
import { forbidden, immutable } from "#apimachinery/validation/causes.ts";
import { quantityOf } from "../common/quantity-of.ts";
import { ageColumn, nameColumn } from "../common/columns.ts";
import { difference } from "../common/difference.ts";
import type { Resource } from "../resource.ts";
import { accessModeText } from "./access-modes.ts";
import { validateClaimSpec } from "./claim-spec.ts";

/** What a bound claim asks for may change, and the class of its attributes; the rest stays. */
function fixedPart(next: PersistentVolumeClaim, old: PersistentVolumeClaim): PersistentVolumeClaim["spec"] {
  const fixed = { ...next.spec };
  if (!old.spec.volumeName) delete fixed.volumeName;
  if (old.spec.storageClassName === undefined) delete fixed.storageClassName;
  if (old.status.phase !== "Bound") return fixed;
  const had = old.spec.resources?.requests?.["storage"];
  if (had !== undefined && fixed.resources?.requests?.["storage"] !== undefined) fixed.resources = { ...fixed.resources, requests: { ...fixed.resources.requests, storage: had } };
  delete fixed.volumeAttributesClassName;
  if (old.spec.volumeAttributesClassName !== undefined) fixed.volumeAttributesClassName = old.spec.volumeAttributesClassName;
  return fixed;
}

/** A claim that asks for less than before must still ask for more than it has: only an expansion that failed is taken back. */
function validateShrinking(next: PersistentVolumeClaim, old: PersistentVolumeClaim): readonly Cause[] {
  const sizeOf = (text: string | undefined): Quantity => quantityOf(text) ?? Quantity.zero;
  const asked = sizeOf(next.spec.resources?.requests?.["storage"]);
  const shrinks = old.status.phase === "Bound" && asked.cmp(sizeOf(old.spec.resources?.requests?.["storage"])) < 0;
  return shrinks && asked.cmp(sizeOf(old.status.capacity?.["storage"])) <= 0 ? [forbidden("spec.resources.requests.storage", "field can not be less than status.capacity")] : [];
}

function validateAttributesClass({ spec: { volumeAttributesClassName: next } }: PersistentVolumeClaim, { spec: { volumeAttributesClassName: old }, status }: PersistentVolumeClaim): readonly Cause[] {
  if (status.phase !== "Bound" || old === undefined || next === old || next) return [];
  return [forbidden("spec.volumeAttributesClassName", `update from non-nil value to ${next === undefined ? "nil" : "an empty string"} is forbidden`)];
}

/** Upstream: pkg/apis/core/validation ValidatePersistentVolumeClaimUpdate */
function validateUpdate(next: PersistentVolumeClaim, old: PersistentVolumeClaim): readonly Cause[] {
  const [fixed, before] = [fixedPart(next, old), { ...old.spec }];
  if (!before.volumeName) delete before.volumeName;
  const same = semanticEqual(fixed, before);
  return [
    ...(same ? [] : [forbidden("spec", `spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims\n${difference(before, fixed)}`)]),
    ...validateShrinking(next, old),
    ...validateAttributesClass(next, old),
    ...immutable("spec.volumeMode", next.spec.volumeMode, old.spec.volumeMode),
  ];
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
