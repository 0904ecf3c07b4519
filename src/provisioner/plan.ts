import { join } from "node:path";
import type { PersistentVolume, PersistentVolumeClaim } from "#api/gen/core-v1.ts";
import type { StorageClass } from "#api/gen/storage-v1.ts";
import { boundAnnotation, provisionedByAnnotation, selectedNodeAnnotation } from "#api/volume-matching.ts";

export const provisionerName = "seedpod.dev/local-path";

/** True for a claim that waits for a volume on this node. */
export const isWanted = ({ metadata, spec }: PersistentVolumeClaim, node: string): boolean =>
  metadata.deletionTimestamp === undefined && (spec.volumeName ?? "") === "" && metadata.annotations?.[boundAnnotation] === undefined
  && metadata.annotations?.["volume.kubernetes.io/storage-provisioner"] === provisionerName && metadata.annotations[selectedNodeAnnotation] === node;

/** The directory of a claim's volume. The uid is the server's, so it is never a path of its own. */
export const directoryOf = (root: string, { metadata }: PersistentVolumeClaim): string => join(root, volumeName(metadata.uid ?? ""));
const volumeName = (uid: string): string => `pvc-${uid.replaceAll(/[^a-z0-9-]/gi, "")}`;

/** The volume for a claim: a directory of this node. Why not, if it cannot be. */
export function volumeFor(claim: PersistentVolumeClaim, storageClass: StorageClass, node: string, path: string): PersistentVolume | string {
  const { metadata, spec } = claim;
  if (spec.volumeMode === "Block") return "volumeMode Block is not supported by this provisioner";
  if (spec.selector !== undefined) return "claim.Spec.Selector is not supported";
  if (spec.accessModes?.includes("ReadWriteMany") === true) return "only the access modes ReadWriteOnce, ReadWriteOncePod and ReadOnlyMany are supported: the volume is a directory of one node";
  return {
    metadata: { name: volumeName(metadata.uid ?? ""), annotations: { [provisionedByAnnotation]: provisionerName } },
    spec: {
      capacity: { storage: spec.resources?.requests?.["storage"] ?? "0" }, accessModes: spec.accessModes ?? [], volumeMode: "Filesystem", storageClassName: storageClass.metadata.name,
      persistentVolumeReclaimPolicy: storageClass.reclaimPolicy ?? "Delete", ...(storageClass.mountOptions && { mountOptions: storageClass.mountOptions }),
      claimRef: { kind: "PersistentVolumeClaim", apiVersion: "v1", namespace: metadata.namespace ?? "", name: metadata.name, uid: metadata.uid ?? "", resourceVersion: metadata.resourceVersion ?? "" },
      local: { path },
      nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [{ key: "kubernetes.io/hostname", operator: "In", values: [node] }] }] } },
    },
    status: {},
  };
}

/** True for a volume that this node's provisioner has made. */
export function isOurs({ metadata, spec }: PersistentVolume, node: string): boolean {
  const here = spec.nodeAffinity?.required?.nodeSelectorTerms?.[0]?.matchExpressions?.some(({ values }) => values?.includes(node) === true) === true;
  return metadata.annotations?.[provisionedByAnnotation] === provisionerName && here;
}

/** True for a volume whose directory and object this node's provisioner must remove. */
export const isToBeDeleted = (volume: PersistentVolume, node: string): boolean =>
  isOurs(volume, node) && volume.status.phase === "Released" && volume.spec.persistentVolumeReclaimPolicy === "Delete";
