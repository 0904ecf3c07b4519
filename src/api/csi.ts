/** Names that the kubelet, the attach/detach controller and drivers' sidecars agree on. Upstream: pkg/volume/csi */
import { createHash } from "node:crypto";
import type { PersistentVolumeSpec } from "./gen/core-v1.ts";
import type { CSIDriver } from "./gen/storage-v1.ts";

export const csiPluginName = "kubernetes.io/csi";

/** A volume as `status.volumesInUse` and `status.volumesAttached` of a Node name it. Upstream: util.GetUniqueVolumeName */
export const uniqueVolumeName = (driver: string, handle: string): string => `${csiPluginName}/${driver}^${handle}`;

/** The VolumeAttachment of a volume to a node. Upstream: pkg/volume/csi/csi_attacher.go getAttachmentName */
export const attachmentName = (driver: string, handle: string, node: string): string => `csi-${createHash("sha256").update(`${handle}${driver}${node}`).digest("hex")}`;

/** Without a CSIDriver object a driver is taken to need attaching. Upstream: pkg/volume/csi/csi_plugin.go skipAttach */
export const needsAttach = (driver: CSIDriver | undefined): boolean => driver?.spec.attachRequired !== false;

/** Names of a persistent volume that is a CSI driver's. */
export interface CsiIdentity {
  readonly driver: string;
  readonly handle: string;
}
/** Which volume of which driver it is; undefined for a volume without one. */
export const csiIdentity = ({ csi }: PersistentVolumeSpec): CsiIdentity | undefined => (csi === undefined ? undefined : { driver: csi.driver, handle: csi.volumeHandle });
