import { mkdir, rm, stat, symlink } from "node:fs/promises";
import { basename } from "node:path";
import { blockDeviceBytes, fileSystemOf } from "#base/file-system.ts";
import type { PersistentVolume } from "#api/gen/core-v1.ts";
import { LocalDevices } from "./local-devices.ts";
import { checkHostPath } from "./host-path.ts";
import { applyFsGroup } from "./ownership.ts";
import type { Mount, VolumePlugin } from "./plugin.ts";

const name = "kubernetes.io/persistent-claim";

/**
 * A PersistentVolumeClaim, also that of an ephemeral volume, whose volume is a path of this node (`local`, `hostPath`), the file
 * system of a block device of it (`local`) or, for volumeDevices, the device itself. The data outlives the pod: tear-down forgets
 * the mount and never touches it.
 * @param rootDir the kubelet's
 */
export function persistentClaimVolume(rootDir: string): VolumePlugin {
  const devices = new LocalDevices(rootDir, name.replaceAll("/", "~"));
  const given = new Map<string, { readonly path: string; readonly managed: boolean }>(); // by directory: what its fsGroup was applied to since this process began
  return {
    name,
    supports: ({ persistentVolumeClaim, ephemeral }) => persistentVolumeClaim !== undefined || ephemeral !== undefined,
    async setUp(mount) {
      const volume = volumeOf(mount);
      const { path: source, managed, device } = await pathOnNode(volume);
      const readOnly = mount.volume.persistentVolumeClaim?.readOnly === true;
      await mkdir(mount.dir, { recursive: true });
      const path = device ? await devices.mount(volume) : source;
      if (managed && !readOnly && !given.has(mount.dir)) await giveToGroup(path, mount);
      given.set(mount.dir, { path, managed });
      return { path, readOnly };
    },
    async tearDown(dir) {
      given.delete(dir);
      await rm(dir, { recursive: true, force: true });
      await devices.release(basename(dir));
    },
    sweep: () => devices.releaseAll(),
    /** As upstream: of a local volume its file system's, of a path of the node nothing. */
    async usage(dir) {
      const known = given.get(dir);
      return known?.managed === true ? fileSystemOf(known.path) : undefined;
    },
    async mapDevice(mount) {
      const path = await deviceOnNode(volumeOf(mount));
      await rm(mount.dir, { force: true });
      await symlink(path, mount.dir);
      return { path, readOnly: mount.volume.persistentVolumeClaim?.readOnly === true, device: true };
    },
    async deviceUsage(link) {
      const capacity = await blockDeviceBytes(link);
      return capacity === undefined ? undefined : { capacity, available: 0, used: 0, inodes: 0, inodesFree: 0 };
    },
    unmapDevice: (link) => rm(link, { force: true }),
  };
}

function volumeOf({ persistent }: Mount): PersistentVolume {
  if (persistent === undefined) throw new Error("the claim is not bound");
  return persistent.volume;
}

async function pathOnNode({ metadata, spec }: PersistentVolume): Promise<{ readonly path: string; readonly managed: boolean; readonly device: boolean }> {
  if (spec.hostPath !== undefined) {
    await checkHostPath(spec.hostPath);
    return { path: spec.hostPath.path, managed: false, device: false };
  }
  if (spec.local === undefined) throw new Error(`no volume plugin matched: PersistentVolume "${metadata.name}" has neither a local, a csi nor a hostPath source`);
  const stats = await stat(spec.local.path).catch(() => undefined);
  if (stats === undefined) throw new Error(`path "${spec.local.path}" does not exist`);
  if (!stats.isDirectory() && !stats.isBlockDevice()) throw new Error(`path "${spec.local.path}" is neither a directory nor a block device`);
  return { path: spec.local.path, managed: true, device: stats.isBlockDevice() };
}

async function deviceOnNode({ metadata, spec }: PersistentVolume): Promise<string> {
  if (spec.local === undefined) throw new Error(`no volume plugin matched: PersistentVolume "${metadata.name}" of volumeMode Block has neither a local nor a csi source`);
  const stats = await stat(spec.local.path).catch(() => undefined);
  if (stats === undefined) throw new Error(`path "${spec.local.path}" does not exist`);
  if (!stats.isBlockDevice()) throw new Error(`path "${spec.local.path}" is not a block device`);
  return spec.local.path;
}

async function giveToGroup(path: string, { pod }: Mount): Promise<void> {
  const { fsGroup, fsGroupChangePolicy } = pod.spec.securityContext ?? {};
  if (fsGroup !== undefined) await applyFsGroup(path, fsGroup, { ...(fsGroupChangePolicy !== undefined && { policy: fsGroupChangePolicy }) });
}
