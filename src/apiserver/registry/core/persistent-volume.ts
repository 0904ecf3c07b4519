import type { PersistentVolume, PersistentVolumeSource, PersistentVolumeSpec } from "#api/gen/core-v1.ts";
import { semanticEqual } from "#apimachinery/equal.ts";
import type { Cause } from "#apimachinery/status.ts";
import { eachInvalid, forbidden, immutable, invalidValue, notSupported, required } from "#apimachinery/validation/causes.ts";
import { dns1123Subdomain } from "#apimachinery/validation/names.ts";
import { ageColumn, nameColumn } from "../common/columns.ts";
import { difference } from "../common/difference.ts";
import type { Resource } from "../resource.ts";
import { accessModeText } from "./access-modes.ts";
import { validateAccessModes, validateStorage, validateVolumeMode } from "./claim-spec.ts";
import { validateNodeSelector } from "./pod-spec/validate-affinity.ts";
import { noBacksteps } from "./pod-spec/validate-paths.ts";

/** Fields of the spec that are not the volume itself. */
const common: ReadonlySet<string> = new Set([
  "capacity", "accessModes", "claimRef", "persistentVolumeReclaimPolicy", "storageClassName", "mountOptions", "volumeMode", "nodeAffinity", "volumeAttributesClassName",
]);
const sourceOf = (spec: PersistentVolumeSpec): PersistentVolumeSource => Object.fromEntries(Object.entries(spec).filter(([key]) => !common.has(key)));

/** Upstream: pkg/apis/core/validation ValidatePersistentVolumeSpec */
function validate({ spec }: PersistentVolume): readonly Cause[] {
  const modes = spec.accessModes ?? [];
  const capacity = spec.capacity ?? {};
  const { storage, ...others } = capacity;
  return [
    ...(modes.length === 0 ? [required("spec.accessModes")] : validateAccessModes(modes, "spec.accessModes")),
    ...(Object.keys(capacity).length === 0 ? [required("spec.capacity")] : []),
    ...(storage === undefined || Object.keys(others).length > 0 ? [notSupported("spec.capacity", capacity, ["storage"])] : validateStorage(storage, "spec.capacity[storage]")),
    ...(spec.persistentVolumeReclaimPolicy === undefined || ["Delete", "Recycle", "Retain"].includes(spec.persistentVolumeReclaimPolicy)
      ? []
      : [notSupported("spec.persistentVolumeReclaimPolicy", spec.persistentVolumeReclaimPolicy, ["Delete", "Recycle", "Retain"])]),
    ...validateAffinity(spec),
    ...validateSource(spec),
    ...(spec.storageClassName ? eachInvalid("spec.storageClassName", spec.storageClassName, dns1123Subdomain(spec.storageClassName)) : []),
    ...validateVolumeMode(spec.volumeMode, "spec.volumeMode"),
  ];
}

function validateAffinity({ nodeAffinity }: PersistentVolumeSpec): readonly Cause[] {
  if (nodeAffinity === undefined) return [];
  const field = "spec.nodeAffinity.required";
  return nodeAffinity.required === undefined ? [required(field, "must specify required node constraints")] : validateNodeSelector(nodeAffinity.required, field);
}

function validateSource(spec: PersistentVolumeSpec): readonly Cause[] {
  const given = Object.keys(sourceOf(spec));
  const { hostPath, local, csi, nfs } = spec;
  return [
    ...(given.length === 0 ? [required("spec", "must specify a volume type")] : given.slice(1).map((kind) => forbidden(`spec.${kind}`, "may not specify more than 1 volume type"))),
    ...(hostPath === undefined ? [] : hostPath.path === "" ? [required("spec.hostPath.path")] : noBacksteps("spec.hostPath.path", hostPath.path)),
    ...(hostPath?.path === "/" && spec.persistentVolumeReclaimPolicy === "Recycle"
      ? [forbidden("spec.persistentVolumeReclaimPolicy", "may not be 'recycle' for a hostPath mount of '/'")]
      : []),
    ...(local === undefined ? [] : local.path === "" ? [required("spec.local.path")] : noBacksteps("spec.local.path", local.path)),
    ...(local !== undefined && spec.nodeAffinity === undefined ? [required("spec.nodeAffinity", "Local volume requires node affinity")] : []),
    ...(csi?.driver === "" ? [required("spec.csi.driver")] : []),
    ...(csi?.volumeHandle === "" ? [required("spec.csi.volumeHandle")] : []),
    ...(nfs?.server === "" ? [required("spec.nfs.server")] : []),
    ...(nfs !== undefined && !nfs.path.startsWith("/") ? [invalidValue("spec.nfs.path", nfs.path, "must be an absolute path")] : []),
  ];
}

/** Upstream: pkg/apis/core/validation ValidatePersistentVolumeUpdate */
function validateUpdate(next: PersistentVolume, old: PersistentVolume): readonly Cause[] {
  const [after, before] = [sourceOf(next.spec), sourceOf(old.spec)];
  return [
    ...(semanticEqual(after, before)
      ? []
      : [forbidden("spec.persistentvolumesource", `spec.persistentvolumesource is immutable after creation\n${difference(before, after)}`)]),
    ...immutable("spec.volumeMode", next.spec.volumeMode, old.spec.volumeMode),
    ...(old.spec.nodeAffinity === undefined || semanticEqual(next.spec.nodeAffinity, old.spec.nodeAffinity)
      ? []
      : [invalidValue("spec.nodeAffinity", next.spec.nodeAffinity, "field is immutable, except for updating from beta label to GA")]),
  ];
}

export const persistentVolumes: Resource<PersistentVolume> = {
  group: "", version: "v1", kind: "PersistentVolume", schema: "core/v1.PersistentVolume", scope: "Cluster",
  names: { plural: "persistentvolumes", singular: "persistentvolume", short: ["pv"] },
  generation: false,
  defaults({ spec }) {
    spec.persistentVolumeReclaimPolicy ??= "Retain";
    spec.volumeMode ??= "Filesystem";
    if (spec.hostPath !== undefined) spec.hostPath.type ??= "";
  },
  prepareCreate(volume) {
    volume.status = { phase: "Pending" };
  },
  validate,
  validateUpdate,
  subresources: {
    status: { type: "write", prepareUpdate: (next, old) => { next.spec = old.spec; } },
  },
  columns: [
    nameColumn,
    { name: "Capacity", type: "string", description: "Its size.", cell: ({ spec }) => spec.capacity?.["storage"] ?? "0" },
    { name: "Access Modes", type: "string", description: "How it may be used.", cell: ({ spec }) => accessModeText(spec.accessModes) },
    {
      name: "Reclaim Policy", type: "string", description: "What becomes of it when its claim is gone.",
      cell: ({ spec }) => spec.persistentVolumeReclaimPolicy ?? "",
    },
    {
      name: "Status", type: "string", description: "Whether it has a claim.",
      cell: ({ metadata, status }) => (metadata.deletionTimestamp === undefined ? (status.phase ?? "") : "Terminating"),
    },
    {
      name: "Claim", type: "string", description: "The claim.",
      cell: ({ spec: { claimRef: ref } }) => (ref === undefined ? "" : `${ref.namespace ?? ""}/${ref.name ?? ""}`),
    },
    {
      name: "StorageClass", type: "string", description: "Its class.",
      cell: ({ metadata, spec }) => metadata.annotations?.["volume.beta.kubernetes.io/storage-class"] ?? spec.storageClassName ?? "",
    },
    { name: "VolumeAttributesClass", type: "string", description: "The class of its attributes.", cell: ({ spec }) => spec.volumeAttributesClassName ?? "<unset>" },
    { name: "Reason", type: "string", description: "Why it has failed.", cell: ({ status }) => status.reason ?? "" },
    ageColumn,
    { name: "VolumeMode", type: "string", wide: true, description: "File system or block device.", cell: ({ spec }) => spec.volumeMode ?? "<unset>" },
  ],
};
