/** What a driver is told of how a volume will be used, and for whom. Decided purely. */
import type { Pod } from "#api/gen/core-v1.ts";
import type { CSIDriver } from "#api/gen/storage-v1.ts";
import type { NodeCapabilities } from "#csi/driver.ts";
import type { VolumeCapability, VolumeCapabilityAccessModeMode } from "#csi/gen/csi-v1.ts";
import type { AccessMode, CsiSpec } from "./spec.ts";

/** @param fsGroup handed to a driver that applies it itself */
export function capabilityOf(spec: CsiSpec, capabilities: NodeCapabilities, fsGroup: number | undefined): VolumeCapability {
  const accessMode = { mode: accessModeOf(spec.accessModes[0] ?? "ReadWriteOnce", capabilities.has("SINGLE_NODE_MULTI_WRITER")) };
  if (spec.block) return { block: {}, accessMode };
  const volumeMountGroup = fsGroup !== undefined && capabilities.has("VOLUME_MOUNT_GROUP") ? String(fsGroup) : "";
  return { mount: { fsType: spec.fsType, mountFlags: [...spec.mountOptions], volumeMountGroup }, accessMode };
}

/** Upstream: pkg/volume/csi/csi_client.go asCSIAccessModeV1, asSingleNodeMultiWriterCapableCSIAccessModeV1 */
function accessModeOf(mode: AccessMode, tellsSingleWriters: boolean): VolumeCapabilityAccessModeMode {
  switch (mode) {
    case "ReadWriteOnce": return tellsSingleWriters ? "SINGLE_NODE_MULTI_WRITER" : "SINGLE_NODE_WRITER";
    case "ReadWriteOncePod": return tellsSingleWriters ? "SINGLE_NODE_SINGLE_WRITER" : "SINGLE_NODE_WRITER";
    case "ReadOnlyMany": return "MULTI_NODE_READER_ONLY";
    case "ReadWriteMany": return "MULTI_NODE_MULTI_WRITER";
  }
}

/** Only for a driver that asks for it. Upstream: pkg/volume/csi/csi_util.go getPodInfoAttrs */
export function podAttributes(pod: Pod, spec: CsiSpec, driver: CSIDriver | undefined): Readonly<Record<string, string>> {
  if (driver?.spec.podInfoOnMount !== true) return {};
  return {
    "csi.storage.k8s.io/pod.name": pod.metadata.name,
    "csi.storage.k8s.io/pod.namespace": pod.metadata.namespace ?? "",
    "csi.storage.k8s.io/pod.uid": pod.metadata.uid ?? "",
    "csi.storage.k8s.io/serviceAccount.name": pod.spec.serviceAccountName ?? "",
    "csi.storage.k8s.io/ephemeral": String(spec.lifecycle === "Ephemeral"),
  };
}
