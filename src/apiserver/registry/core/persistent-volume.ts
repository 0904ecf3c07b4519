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

const reclaimPolicies = ["Delete", "Recycle", "Retain"];

/** Upstream: pkg/apis/core/validation ValidatePersistentVolumeSpec */
function validateVolumeSpec(spec: PersistentVolumeSpec, field: string): readonly Cause[] {
  const { capacity = {}, persistentVolumeReclaimPolicy: policy, storageClassName } = spec;
  const { storage, ...others } = capacity;
  return [
    ...validateModes(spec, field),
    ...(Object.keys(capacity).length === 0 ? [required(`${field}.capacity`)] : []),
    ...(storage === undefined || Object.keys(others).length > 0 ? [notSupported(`${field}.capacity`, capacity, ["storage"])] : validateStorage(storage, `${field}.capacity[storage]`)),
    ...(policy === undefined || reclaimPolicies.includes(policy) ? [] : [notSupported(`${field}.persistentVolumeReclaimPolicy`, policy, reclaimPolicies)]),
    ...validateAffinity(spec, field),
    ...validateSource(spec, field),
    ...(storageClassName ? eachInvalid(`${field}.storageClassName`, storageClassName, dns1123Subdomain(storageClassName)) : []),
    ...validateVolumeMode(spec.volumeMode, `${field}.volumeMode`),
  ];
}

/** A volume that stands in an attachment, not by itself. Upstream: the same, with validateInlinePersistentVolumeSpec */
export function validateInlineVolumeSpec(spec: PersistentVolumeSpec, field: string): readonly Cause[] {
  const inline = "in the context of inline volumes";
  const never = (name: "claimRef" | "capacity" | "nodeAffinity" | "storageClassName"): readonly Cause[] => (isGiven(spec[name]) ? [forbidden(`${field}.${name}`, `may not be specified ${inline}`)] : []);
  const { persistentVolumeReclaimPolicy: policy = "Retain", volumeMode: mode = "Filesystem" } = spec;
  return [
    ...never("claimRef"), ...never("capacity"),
    ...(spec.csi === undefined ? [required(`${field}.csi`, `has to be specified ${inline}`)] : []),
    ...validateModes(spec, field),
    ...(policy === "Retain" ? [] : [forbidden(`${field}.persistentVolumeReclaimPolicy`, `may only be Retain ${inline}`)]),
    ...never("nodeAffinity"),
    ...validateSource(spec, field),
    ...never("storageClassName"),
    ...(mode === "Filesystem" ? [] : [forbidden(`${field}.volumeMode`, `may not specify volumeMode other than Filesystem ${inline}`)]),
  ];
}

const isGiven = (value: unknown): boolean => !semanticEqual(value, undefined) && value !== "";

const validateModes = ({ accessModes: modes = [] }: PersistentVolumeSpec, field: string): readonly Cause[] => (modes.length === 0 ? [required(`${field}.accessModes`)] : validateAccessModes(modes, `${field}.accessModes`));

function validateAffinity({ nodeAffinity }: PersistentVolumeSpec, at: string): readonly Cause[] {
  if (nodeAffinity === undefined) return [];
  const field = `${at}.nodeAffinity.required`;
  return nodeAffinity.required === undefined ? [required(field, "must specify required node constraints")] : validateNodeSelector(nodeAffinity.required, field);
}

function validateSource(spec: PersistentVolumeSpec, field: string): readonly Cause[] {
  const given = Object.keys(sourceOf(spec));
  const { hostPath, local, csi, nfs } = spec;
  return [
    ...(given.length === 0 ? [required(field, "must specify a volume type")] : given.slice(1).map((kind) => forbidden(`${field}.${kind}`, "may not specify more than 1 volume type"))),
    ...(hostPath === undefined ? [] : hostPath.path === "" ? [required(`${field}.hostPath.path`)] : noBacksteps(`${field}.hostPath.path`, hostPath.path)),
    ...(hostPath?.path === "/" && spec.persistentVolumeReclaimPolicy === "Recycle"
      ? [forbidden(`${field}.persistentVolumeReclaimPolicy`, "may not be 'recycle' for a hostPath mount of '/'")]
      : []),
    ...(local === undefined ? [] : local.path === "" ? [required(`${field}.local.path`)] : noBacksteps(`${field}.local.path`, local.path)),
    ...(local !== undefined && spec.nodeAffinity === undefined ? [required(`${field}.nodeAffinity`, "Local volume requires node affinity")] : []),
    ...(csi?.driver === "" ? [required(`${field}.csi.driver`)] : []),
    ...(csi?.volumeHandle === "" ? [required(`${field}.csi.volumeHandle`)] : []),
    ...(nfs?.server === "" ? [required(`${field}.nfs.server`)] : []),
    ...(nfs !== undefined && !nfs.path.startsWith("/") ? [invalidValue(`${field}.nfs.path`, nfs.path, "must be an absolute path")] : []),
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
  validate: ({ spec }) => validateVolumeSpec(spec, "spec"),
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
