import type { VolumeAttachment, VolumeAttachmentSource, VolumeError } from "#api/gen/storage-v1.ts";
import type { Cause } from "#apimachinery/status.ts";
import { eachInvalid, forbidden, immutable, invalidValue, required, tooLong } from "#apimachinery/validation/causes.ts";
import { dns1123Subdomain } from "#apimachinery/validation/names.ts";
import { ageColumn, nameColumn } from "../common/columns.ts";
import { validateInlineVolumeSpec } from "../core/persistent-volume.ts";
import type { Column, Resource } from "../resource.ts";
import { validateDriverName } from "./driver-name.ts";
import { sizeOf } from "./parameters.ts";

const mostBytes = 256 * 1024;
const longestMessage = 1024;
const one = "must specify exactly one of inlineVolumeSpec and persistentVolumeName";

/** Upstream: pkg/apis/storage/validation validateVolumeAttachmentSource */
function validateSource({ inlineVolumeSpec, persistentVolumeName: name }: VolumeAttachmentSource): readonly Cause[] {
  const field = "spec.source";
  if (inlineVolumeSpec === undefined && name === undefined) return [required(field, one)];
  if (inlineVolumeSpec !== undefined && name !== undefined) return [forbidden(field, one)];
  if (inlineVolumeSpec !== undefined) return validateInlineVolumeSpec(inlineVolumeSpec, `${field}.inlineVolumeSpec`);
  return !name
    ? [required(`${field}.persistentVolumeName`, "must specify non empty persistentVolumeName")]
    : eachInvalid(`${field}.persistentVolumeName`, name, dns1123Subdomain(name));
}

function validateError(error: VolumeError | undefined, field: string): readonly Cause[] {
  const { message = "", errorCode = 0 } = error ?? {};
  return [
    ...(message.length > longestMessage ? [tooLong(`${field}.message`, mostBytes)] : []), // upstream names the wrong bound
    ...(errorCode < 0 ? [invalidValue(`${field}.errorCode`, errorCode, "must be between 0 and 2147483647, inclusive")] : []),
  ];
}

/** Upstream: pkg/apis/storage/validation validateVolumeAttachmentStatus */
const validateStatus = ({ status }: VolumeAttachment): readonly Cause[] => [
  ...(sizeOf(Object.entries(status.attachmentMetadata ?? {})) > mostBytes ? [tooLong("status.attachmentMetadata", mostBytes)] : []),
  ...validateError(status.attachError, "status.attachError"),
  ...validateError(status.detachError, "status.detachError"),
];

/** Upstream: pkg/apis/storage/validation ValidateVolumeAttachment */
const validate = ({ spec }: VolumeAttachment): readonly Cause[] => [
  ...validateDriverName(spec.attacher, "spec.attacher"),
  ...validateSource(spec.source),
  ...eachInvalid("spec.nodeName", spec.nodeName, dns1123Subdomain(spec.nodeName)),
];

const columns: readonly Column<VolumeAttachment>[] = [
  nameColumn,
  { name: "Attacher", type: "string", format: "name", description: "The driver that attaches.", cell: ({ spec }) => spec.attacher },
  { name: "PV", type: "string", description: "The volume.", cell: ({ spec }) => spec.source.persistentVolumeName ?? "" },
  { name: "Node", type: "string", description: "The node.", cell: ({ spec }) => spec.nodeName },
  { name: "Attached", type: "boolean", description: "Whether it is attached.", cell: ({ status }) => status.attached },
  ageColumn,
];

export const volumeAttachments: Resource<VolumeAttachment> = {
  group: "storage.k8s.io", version: "v1", kind: "VolumeAttachment", schema: "storage/v1.VolumeAttachment", scope: "Cluster",
  names: { plural: "volumeattachments", singular: "volumeattachment" },
  generation: false,
  unconditionalUpdate: false,
  validate,
  validateUpdate: (next, old) => immutable("spec", next.spec, old.spec),
  subresources: {
    status: { type: "write", prepareUpdate: (next, old) => { next.spec = old.spec; }, validateUpdate: validateStatus },
  },
  columns,
};
