import type * as core from "#api/gen/core-v1.ts";
import { defaultFieldRef, defaultResourceFieldRef, pullPolicyOf } from "./default-container.ts";

const mode = 0o644;

/** Upstream: pkg/apis/core/v1 SetDefaults_Volume, SetDefaults_*VolumeSource */
export function defaultVolume(volume: core.Volume): void {
  if (Object.keys(volume).every((key) => key === "name")) volume.emptyDir = {};
  for (const source of [volume.secret, volume.configMap, volume.downwardAPI, volume.projected]) if (source !== undefined) source.defaultMode ??= mode;
  for (const file of volume.downwardAPI?.items ?? []) defaultFile(file);
  for (const projection of volume.projected?.sources ?? []) defaultProjection(projection);
  if (volume.hostPath !== undefined) volume.hostPath.type ??= "";
  if (volume.image !== undefined) volume.image.pullPolicy ||= pullPolicyOf(volume.image.reference ?? "");
  if (volume.ephemeral?.volumeClaimTemplate !== undefined) volume.ephemeral.volumeClaimTemplate.spec.volumeMode ??= "Filesystem";
  defaultOldSources(volume);
}

function defaultFile(file: core.DownwardAPIVolumeFile): void {
  defaultFieldRef(file.fieldRef);
  defaultResourceFieldRef(file.resourceFieldRef);
}

function defaultProjection({ downwardAPI, serviceAccountToken }: core.VolumeProjection): void {
  for (const file of downwardAPI?.items ?? []) defaultFile(file);
  if (serviceAccountToken !== undefined) serviceAccountToken.expirationSeconds ??= 3600;
}

/** Kinds of volumes that no plugin here mounts, but whose form is kept. */
function defaultOldSources({ rbd, iscsi, azureDisk, scaleIO }: core.Volume): void {
  if (rbd !== undefined) {
    rbd.pool ||= "rbd";
    rbd.user ||= "admin";
    rbd.keyring ||= "/etc/ceph/keyring";
  }
  if (iscsi !== undefined) iscsi.iscsiInterface ||= "default";
  if (azureDisk !== undefined) {
    azureDisk.cachingMode ??= "ReadWrite";
    azureDisk.kind ??= "Shared";
    azureDisk.fsType ??= "ext4";
    azureDisk.readOnly ??= false;
  }
  if (scaleIO !== undefined) {
    scaleIO.storageMode ||= "ThinProvisioned";
    scaleIO.fsType ||= "xfs";
  }
}
