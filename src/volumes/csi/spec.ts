/** A CSI volume of a pod, whether it comes from a PersistentVolume or stands in the pod. Decided purely. */
import { createHash } from "node:crypto";
import type { CSIPersistentVolumeSource, CSIVolumeSource, PersistentVolumeSpec, SecretReference } from "#api/gen/core-v1.ts";
import type { CSIDriver } from "#api/gen/storage-v1.ts";
import { modeOf } from "#api/volume-matching.ts";
import type { Mount } from "../plugin.ts";

export type AccessMode = NonNullable<PersistentVolumeSpec["accessModes"]>[number];
export type Lifecycle = "Persistent" | "Ephemeral";

export interface CsiSpec {
  /** The PersistentVolume's name, or the volume's in its pod. */
  readonly name: string;
  readonly driver: string;
  readonly handle: string;
  readonly lifecycle: Lifecycle;
  readonly block: boolean;
  readonly readOnly: boolean;
  readonly fsType: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly accessModes: readonly AccessMode[];
  readonly mountOptions: readonly string[];
  readonly stageSecret?: SecretReference;
  readonly publishSecret?: SecretReference;
  readonly expandSecret?: SecretReference;
}

export function specOf(mount: Mount): CsiSpec {
  const { persistent, volume } = mount;
  if (persistent?.volume.spec.csi !== undefined) return persistentSpec(mount, persistent.volume.spec, persistent.volume.spec.csi);
  if (volume.csi === undefined) throw new Error("volume source not found in volume.Spec");
  return inlineSpec(mount, volume.csi);
}

function persistentSpec({ persistent, volume }: Mount, spec: PersistentVolumeSpec, csi: CSIPersistentVolumeSource): CsiSpec {
  return {
    name: persistent?.volume.metadata.name ?? "",
    driver: csi.driver,
    handle: csi.volumeHandle,
    lifecycle: "Persistent",
    block: modeOf({ spec }) === "Block",
    readOnly: volume.persistentVolumeClaim?.readOnly === true,
    fsType: csi.fsType ?? "",
    attributes: csi.volumeAttributes ?? {},
    accessModes: spec.accessModes ?? [],
    mountOptions: spec.mountOptions ?? [],
    ...(csi.nodeStageSecretRef && { stageSecret: csi.nodeStageSecretRef }),
    ...(csi.nodePublishSecretRef && { publishSecret: csi.nodePublishSecretRef }),
    ...(csi.nodeExpandSecretRef && { expandSecret: csi.nodeExpandSecretRef }),
  };
}

function inlineSpec({ pod, volume }: Mount, csi: CSIVolumeSource): CsiSpec {
  const secret = csi.nodePublishSecretRef?.name;
  return {
    name: volume.name,
    driver: csi.driver,
    handle: ephemeralHandle(pod.metadata.uid ?? "", volume.name),
    lifecycle: "Ephemeral",
    block: false,
    readOnly: csi.readOnly === true,
    fsType: csi.fsType ?? "",
    attributes: csi.volumeAttributes ?? {},
    accessModes: [],
    mountOptions: [],
    ...(secret !== undefined && { publishSecret: { name: secret, namespace: pod.metadata.namespace ?? "" } }),
  };
}

/** Upstream: pkg/volume/csi/csi_plugin.go makeVolumeHandle */
const ephemeralHandle = (podUid: string, volume: string): string => `csi-${createHash("sha256").update(`${podUid}${volume}`).digest("hex")}`;

/** Why the driver must not be used for such a volume. Upstream: pkg/volume/csi/csi_plugin.go supportsVolumeLifecycleMode */
export function lifecycleProblem({ driver, lifecycle }: CsiSpec, object: CSIDriver | undefined): string | undefined {
  const modes = object?.spec.volumeLifecycleModes ?? [];
  if (object === undefined) return lifecycle === "Ephemeral" ? `volume mode "Ephemeral" not supported by driver ${driver} (no CSIDriver object)` : undefined;
  if (modes.includes(lifecycle) || (modes.length === 0 && lifecycle === "Persistent")) return undefined;
  return `volume mode ${JSON.stringify(lifecycle)} not supported by driver ${driver} (only supports ${JSON.stringify(modes.length === 0 ? ["Persistent"] : modes)})`;
}

/** Whether the kubelet gives the volume to the pod's fsGroup itself. Upstream: pkg/volume/csi/csi_mounter.go supportsFSGroup */
export function takesFsGroup(spec: CsiSpec, policy: string): boolean {
  if (policy === "None" || spec.readOnly || spec.block) return false;
  if (policy === "File") return true;
  return spec.fsType !== "" && (spec.lifecycle === "Ephemeral" || spec.accessModes.includes("ReadWriteOnce") || spec.accessModes.includes("ReadWriteOncePod"));
}
