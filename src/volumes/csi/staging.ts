/** A volume's stay on this node, shared by its pods: staged before the first, unstaged after the last. */
import { mkdir, rm, rmdir } from "node:fs/promises";
import { dirname } from "node:path";
import { attachmentName, needsAttach, uniqueVolumeName } from "#api/csi.ts";
import type { CSIDriver } from "#api/gen/storage-v1.ts";
import type { CsiDriver } from "#csi/driver.ts";
import type { CsiDrivers } from "#csi/drivers.ts";
import type { VolumeCapability } from "#csi/gen/csi-v1.ts";
import { isCode } from "../beneath.ts";
import { isMountPoint } from "../mounts.ts";
import type { Mount } from "../plugin.ts";
import type { VolumesInUse } from "./in-use.ts";
import { allPlaces, isUsed, placeOf, type Place } from "./places.ts";
import { secretOf } from "./secrets.ts";
import type { CsiSpec } from "./spec.ts";
import { removeVolumeData, writeVolumeData } from "./vol-data.ts";

export interface CsiDeps {
  readonly drivers: CsiDrivers;
  readonly inUse: VolumesInUse;
  /** The kubelet's directory. */
  readonly rootDir: string;
  readonly nodeName: string;
}

/** What a published volume stands on. */
export interface Ground {
  readonly publishContext: Readonly<Record<string, string>>;
  /** Absent where the driver does not stage. */
  readonly stagingTargetPath?: string;
}

/** Waits until the volume is attached, where its driver wants that. Gives what the driver's controller said of it. */
export async function attach(deps: CsiDeps, mount: Mount, spec: CsiSpec, object: CSIDriver | undefined): Promise<{ readonly context: Readonly<Record<string, string>>; readonly id: string }> {
  if (spec.lifecycle === "Ephemeral" || !needsAttach(object)) return { context: {}, id: "" };
  const id = attachmentName(spec.driver, spec.handle, deps.nodeName);
  const volume = uniqueVolumeName(spec.driver, spec.handle);
  try {
    deps.inUse.add(volume);
    return { context: await mount.source.attached(volume, id, mount.signal), id };
  } catch (err) {
    if (!(await isUsed(deps.rootDir, placeOf(deps.rootDir, spec)))) deps.inUse.delete(volume);
    throw err;
  }
}

/** Repeatable: a driver that has staged the volume already says yes again. */
export async function stage(deps: CsiDeps, mount: Mount, spec: CsiSpec, driver: CsiDriver, capability: VolumeCapability, attached: { readonly context: Readonly<Record<string, string>>; readonly id: string }): Promise<Ground> {
  const ground = { publishContext: attached.context };
  if (spec.lifecycle === "Ephemeral") return ground;
  const { dataDir, staging } = placeOf(deps.rootDir, spec);
  await mkdir(dataDir, { recursive: true, mode: 0o750 });
  await writeVolumeData(dataDir, { driverName: spec.driver, volumeHandle: spec.handle, specVolID: spec.name, attachmentID: attached.id, nodeName: deps.nodeName });
  if (!(await driver.capabilities()).has("STAGE_UNSTAGE_VOLUME")) return ground;
  await mkdir(staging, { recursive: true, mode: 0o750 });
  await driver.node.nodeStageVolume({
    volumeId: spec.handle, publishContext: attached.context, stagingTargetPath: staging, volumeCapability: capability,
    secrets: await secretOf(mount.source, spec.stageSecret, "NodeStageSecretRef"), volumeContext: spec.attributes,
  });
  return { ...ground, stagingTargetPath: staging };
}

/** Unstages a volume that no pod of this node has any more. Must be called with the volume's lock held. */
export async function release(deps: CsiDeps, place: Place): Promise<void> {
  if (await isUsed(deps.rootDir, place)) return;
  const driver = deps.drivers.get(place.driver);
  if ((await driver.capabilities()).has("STAGE_UNSTAGE_VOLUME")) await driver.node.nodeUnstageVolume({ volumeId: place.handle, stagingTargetPath: place.staging });
  await removeMountPath(place.staging);
  await removeVolumeData(place.dataDir);
  await removeMountPath(place.dataDir);
  if (place.device !== undefined) await rm(dirname(place.dataDir), { recursive: true, force: true }); // `dev/` beside it
  deps.inUse.delete(uniqueVolumeName(place.driver, place.handle));
}

/** After a restart: what is in use, as far as the disk knows. */
export async function restoreInUse({ rootDir, inUse }: CsiDeps): Promise<void> {
  for (const { data, driver, handle } of await allPlaces(rootDir)) if ((data.attachmentID ?? "") !== "") inUse.add(uniqueVolumeName(driver, handle));
}

/** An empty directory, or nothing: what is still mounted, or has content, is not ours to delete. Upstream: pkg/volume/csi/csi_mounter.go removeMountDir */
export async function removeMountPath(path: string): Promise<void> {
  if (await isMountPoint(path)) throw new Error(`${path} is still mounted`);
  await rmdir(path).catch((err: unknown) => {
    if (isCode(err, "ENOTDIR")) return rm(path);
    if (!isCode(err, "ENOENT")) throw err;
    return undefined;
  });
}
