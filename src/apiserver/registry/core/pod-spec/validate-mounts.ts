import type { Container, EnvVar, Volume, VolumeDevice, VolumeMount } from "#api/gen/core-v1.ts";
import type { Cause } from "#apimachinery/status.ts";
import { forbidden, invalidValue, notFoundValue, notSupported, required } from "#apimachinery/validation/causes.ts";
import { descendingPath, noBacksteps } from "./validate-paths.ts";

/** The pod's volumes that are valid themselves, by name. */
export type Volumes = ReadonlyMap<string, Volume>;

/** Upstream: pkg/apis/core/validation ValidateVolumeMounts */
export function validateMounts(container: Container, volumes: Volumes, field: string): readonly Cause[] {
  const devices = container.volumeDevices ?? [];
  const seen = new Set<string>();
  return (container.volumeMounts ?? []).flatMap((mount, i) => {
    const at = `${field}[${i}]`;
    const causes = [
      ...(mount.name === "" ? [required(`${at}.name`)] : []),
      ...(volumes.has(mount.name) ? [] : [notFoundValue(`${at}.name`, mount.name)]),
      ...(mount.mountPath === "" ? [required(`${at}.mountPath`)] : []),
      ...(seen.has(mount.mountPath) ? [invalidValue(`${at}.mountPath`, mount.mountPath, "must be unique")] : []),
      ...(devices.some((d) => d.name === mount.name) ? [invalidValue(`${at}.name`, mount.name, "must not already exist in volumeDevices")] : []),
      ...(devices.some((d) => d.devicePath === mount.mountPath)
        ? [invalidValue(`${at}.mountPath`, mount.mountPath, "must not already exist as a path in volumeDevices")]
        : []),
      ...validateSubPath(mount, field, at),
      ...validatePropagation(mount, container, `${field}.mountPropagation`),
      ...validateRecursiveReadOnly(mount, `${field}.recursiveReadOnly`),
    ];
    seen.add(mount.mountPath);
    return causes;
  });
}

/** The volumes that variables are read from: a container writes the file first, so only an emptyDir will do. */
export const validateEnvVolumes = (variables: readonly EnvVar[], volumes: Volumes, field: string): readonly Cause[] =>
  variables.flatMap(({ valueFrom }, i) => {
    const name = valueFrom?.fileKeyRef?.volumeName ?? "";
    const [at, volume] = [`${field}[${i}].valueFrom.fileKeyRef.volumeName`, volumes.get(name)];
    if (name === "" || volume?.emptyDir !== undefined) return [];
    return [volume === undefined ? notFoundValue(at, name) : invalidValue(at, name, "referenced volume must be of type emptyDir")];
  });

/** Upstream reports these two at the list, without the index. */
function validateSubPath({ subPath, subPathExpr }: VolumeMount, list: string, at: string): readonly Cause[] {
  return [
    ...(subPath ? descendingPath(`${list}.subPath`, subPath) : []),
    ...(subPath && subPathExpr ? [invalidValue(`${at}.subPathExpr`, subPathExpr, "subPathExpr and subPath are mutually exclusive")] : []),
    ...(subPathExpr ? descendingPath(`${list}.subPathExpr`, subPathExpr) : []),
  ];
}

function validatePropagation({ mountPropagation: mode }: VolumeMount, container: Container, field: string): readonly Cause[] {
  if (mode === undefined) return [];
  const known = ["Bidirectional", "HostToContainer", "None"];
  return [
    ...(known.includes(mode) ? [] : [notSupported(field, mode, known)]),
    ...(mode === "Bidirectional" && container.securityContext?.privileged !== true
      ? [forbidden(field, "Bidirectional mount propagation is available only to privileged containers")]
      : []),
  ];
}

function validateRecursiveReadOnly(mount: VolumeMount, field: string): readonly Cause[] {
  const { recursiveReadOnly: mode } = mount;
  if (mode === undefined || mode === "Disabled") return [];
  if (mode !== "Enabled" && mode !== "IfPossible") return [notSupported(field, mode, ["Disabled", "Enabled", "IfPossible"])];
  return [
    ...(mount.readOnly === true ? [] : [forbidden(field, "may only be specified when readOnly is true")]),
    ...(mount.mountPropagation !== undefined && mount.mountPropagation !== "None"
      ? [forbidden(field, "may only be specified when mountPropagation is None or not specified")]
      : []),
  ];
}

/** Upstream: pkg/apis/core/validation ValidateVolumeDevices */
export function validateDevices(container: Container, volumes: Volumes, field: string): readonly Cause[] {
  const mounts = container.volumeMounts ?? [];
  const names = new Set<string>();
  const paths = new Set<string>();
  return (container.volumeDevices ?? []).flatMap((device, i) => {
    const at = `${field}[${i}]`;
    const causes = [
      ...validateDevice(device, volumes, names, paths, at),
      ...(mounts.some((m) => m.name === device.name) ? [invalidValue(`${at}.name`, device.name, "must not already exist in volumeMounts")] : []),
      ...(mounts.some((m) => m.mountPath === device.devicePath)
        ? [invalidValue(`${at}.devicePath`, device.devicePath, "must not already exist as a path in volumeMounts")]
        : []),
    ];
    names.add(device.name);
    paths.add(device.devicePath);
    return causes;
  });
}

function validateDevice({ name, devicePath }: VolumeDevice, volumes: Volumes, names: ReadonlySet<string>, paths: ReadonlySet<string>, at: string): readonly Cause[] {
  const volume = volumes.get(name);
  const isClaim = volume?.persistentVolumeClaim !== undefined || volume?.ephemeral !== undefined;
  return [
    ...(name === "" ? [required(`${at}.name`)] : []),
    ...(names.has(name) ? [invalidValue(`${at}.name`, name, "must be unique")] : []),
    ...(volume !== undefined && !isClaim
      ? [invalidValue(`${at}.name`, name, "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode")]
      : []),
    ...(volume === undefined ? [notFoundValue(`${at}.name`, name)] : []),
    ...(devicePath === "" ? [required(`${at}.devicePath`)] : []),
    ...(paths.has(devicePath) ? [invalidValue(`${at}.devicePath`, devicePath, "must be unique")] : []),
    ...(noBacksteps(at, devicePath).length > 0 ? [invalidValue(`${at}.devicePath`, devicePath, "can not contain backsteps ('..')")] : []),
  ];
}
