/** Volumes of CSI drivers. What it knows is on disk; what the driver did is the driver's. Upstream: pkg/volume/csi */
import { mkdir, readlink, rm, rmdir, symlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { csiPluginName, uniqueVolumeName } from "#api/csi.ts";
import type { CSIDriver } from "#api/gen/storage-v1.ts";
import { KeyedLock } from "#base/keyed-lock.ts";
import type { CsiDriver } from "#csi/driver.ts";
import { removeDirectory } from "../directory.ts";
import { applyFsGroup } from "../ownership.ts";
import type { Mount, MountedVolume, VolumePlugin } from "../plugin.ts";
import { capabilityOf, podAttributes } from "./capability.ts";
import { allPlaces, deviceDataDir, devicePublishPath, placeOf } from "./places.ts";
import { secretOf } from "./secrets.ts";
import { lifecycleProblem, specOf, takesFsGroup, type CsiSpec } from "./spec.ts";
import { attach, release, removeMountPath, stage, type CsiDeps } from "./staging.ts";
import { tokensOf } from "./tokens.ts";
import { usageOf } from "./usage.ts";
import { readVolumeData, removeVolumeData, writeVolumeData, type VolumeData } from "./vol-data.ts";

export function csiVolume(deps: CsiDeps): VolumePlugin {
  const locks = new KeyedLock();
  const published = new Set<string>(); // by this process: what one before has published is published again, which drivers allow
  const locked = <T>({ driver, handle }: { readonly driver: string; readonly handle: string }, work: () => Promise<T>): Promise<T> => locks.run(uniqueVolumeName(driver, handle), work);
  return {
    name: csiPluginName,
    supports: ({ csi }, persistent) => csi !== undefined || persistent?.spec.csi !== undefined,

    setUp(mount) {
      const spec = specOf(mount);
      const path = join(mount.dir, "mount");
      return locked(spec, () => publishOnce(mount, spec, path, mount.dir));
    },
    async tearDown(dir) {
      const data = await readVolumeData(dir);
      if (data === undefined) return removeDirectory(dir);
      const [driver, handle] = [data.driverName, data.volumeHandle];
      await locked({ driver, handle }, async () => {
        const path = join(dir, "mount");
        await deps.drivers.get(driver).node.nodeUnpublishVolume({ volumeId: handle, targetPath: path });
        await removeMountPath(path);
        await removeVolumeData(dir);
        await rmdir(dir);
        published.delete(path);
        if (data.volumeLifecycleMode !== "Ephemeral") await release(deps, placeOf(deps.rootDir, { name: "", driver, handle, block: false }));
      });
    },

    mapDevice(mount) {
      const spec = specOf(mount);
      const path = devicePublishPath(deps.rootDir, spec.name, mount.pod.metadata.uid ?? "");
      return locked(spec, async () => {
        await mkdir(dirname(path), { recursive: true, mode: 0o750 });
        const volume = await publishOnce(mount, spec, path, undefined);
        return { ...volume, device: true };
      });
    },
    async unmapDevice(link) {
      const { path, name, data } = await deviceAt(link);
      if (data === undefined) return rm(link, { force: true });
      const [driver, handle] = [data.driverName, data.volumeHandle];
      await locked({ driver, handle }, async () => {
        await deps.drivers.get(driver).node.nodeUnpublishVolume({ volumeId: handle, targetPath: path });
        await removeMountPath(path);
        await rm(link, { force: true });
        published.delete(path);
        await release(deps, placeOf(deps.rootDir, { name, driver, handle, block: true }));
      });
    },

    async expand(mount, path, bytes) {
      const spec = specOf(mount);
      const driver = deps.drivers.get(spec.driver);
      const capabilities = await driver.capabilities();
      if (!capabilities.has("EXPAND_VOLUME")) return;
      await driver.node.nodeExpandVolume({
        volumeId: spec.handle, volumePath: path, capacityRange: { requiredBytes: String(bytes) }, secrets: await secretOf(mount.source, spec.expandSecret, "NodeExpandSecretRef"),
        ...(capabilities.has("STAGE_UNSTAGE_VOLUME") && { stagingTargetPath: placeOf(deps.rootDir, spec).staging }), volumeCapability: capabilityOf(spec, capabilities, undefined),
      });
    },
    async usage(dir) {
      const data = await readVolumeData(dir);
      return data && usageOf(deps.drivers.get(data.driverName), data.volumeHandle, join(dir, "mount"));
    },
    async deviceUsage(link) {
      const { path, data } = await deviceAt(link);
      return data && usageOf(deps.drivers.get(data.driverName), data.volumeHandle, path);
    },
    async sweep() {
      for (const place of await allPlaces(deps.rootDir)) await locked(place, () => release(deps, place));
    },
  };

  /** What is known of a pod's device; no data when it was never staged. */
  async function deviceAt(link: string): Promise<{ readonly path: string; readonly name: string; readonly data: VolumeData | undefined }> {
    const name = basename(link);
    return { path: await readlink(link), name, data: await readVolumeData(deviceDataDir(deps.rootDir, name)) };
  }

  /** @param dir where the pod's own data are kept; a device has only its link */
  async function publishOnce(mount: Mount, spec: CsiSpec, path: string, dir: string | undefined): Promise<MountedVolume> {
    const object = await mount.source.csiDriver(spec.driver);
    const problem = lifecycleProblem(spec, object);
    if (problem !== undefined) throw new Error(problem);
    const again = published.has(path);
    if (!again || object?.spec.requiresRepublish === true) await publish(mount, spec, object, path, dir, again);
    published.add(path);
    return { path, readOnly: spec.readOnly };
  }

  async function publish(mount: Mount, spec: CsiSpec, object: CSIDriver | undefined, path: string, dir: string | undefined, again: boolean): Promise<void> {
    const driver = deps.drivers.get(spec.driver);
    const attached = await attach(deps, mount, spec, object);
    if (dir === undefined) await linkTo(mount.dir, path);
    else {
      await mkdir(dir, { recursive: true, mode: 0o750 });
      await writeVolumeData(dir, { specVolID: spec.name, volumeHandle: spec.handle, driverName: spec.driver, nodeName: deps.nodeName, attachmentID: attached.id, volumeLifecycleMode: spec.lifecycle });
    }
    const capabilities = await driver.capabilities();
    const { fsGroup, fsGroupChangePolicy } = mount.pod.spec.securityContext ?? {};
    const volumeCapability = capabilityOf(spec, capabilities, fsGroup);
    const ground = await stage(deps, mount, spec, driver, volumeCapability, attached);
    await tell(driver, mount, spec, object, { ...ground, targetPath: path, volumeCapability, readonly: spec.readOnly });
    if (again || fsGroup === undefined || capabilities.has("VOLUME_MOUNT_GROUP") || !takesFsGroup(spec, object?.spec.fsGroupPolicy ?? "ReadWriteOnceWithFSType")) return;
    await applyFsGroup(path, fsGroup, { ...(fsGroupChangePolicy !== undefined && { policy: fsGroupChangePolicy }) });
  }

  async function tell(driver: CsiDriver, mount: Mount, spec: CsiSpec, object: CSIDriver | undefined, request: Parameters<CsiDriver["node"]["nodePublishVolume"]>[0]): Promise<void> {
    const tokens = await tokensOf(mount, object);
    const inSecrets = object?.spec.serviceAccountTokenInSecrets === true;
    await driver.node.nodePublishVolume({
      ...request,
      volumeId: spec.handle,
      secrets: { ...(await secretOf(mount.source, spec.publishSecret, "NodePublishSecretRef")), ...(inSecrets && tokens) },
      volumeContext: { ...spec.attributes, ...podAttributes(mount.pod, spec, object), ...(!inSecrets && tokens) },
    });
  }
}

/** The pod's own name for a device. */
async function linkTo(link: string, path: string): Promise<void> {
  await rm(link, { force: true });
  await symlink(path, link);
}
