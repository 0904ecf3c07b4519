/** Where a CSI volume stands on this node, in upstream's layout, and who uses it. Upstream: pkg/volume/csi/csi_attacher.go, csi_block.go */
import { createHash } from "node:crypto";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { isCode } from "../beneath.ts";
import { readVolumeData, type VolumeData } from "./vol-data.ts";

/** One volume, whatever pods use it. */
export interface Place {
  readonly driver: string;
  readonly handle: string;
  /** Of `vol_data.json`. */
  readonly dataDir: string;
  /** What NodeStageVolume is given. */
  readonly staging: string;
  /** A block volume's name, which its pods' links have. */
  readonly device?: string;
}

const pluginDir = (root: string): string => join(root, "plugins/kubernetes.io/csi");
const devicesDir = (root: string): string => join(pluginDir(root), "volumeDevices");

/** @param root the kubelet's directory */
export function placeOf(root: string, { name, driver, handle, block }: { readonly name: string; readonly driver: string; readonly handle: string; readonly block: boolean }): Place {
  if (block) return { driver, handle, device: name, dataDir: deviceDataDir(root, name), staging: join(devicesDir(root), "staging", name) };
  const dataDir = join(pluginDir(root), driver, createHash("sha256").update(handle).digest("hex"));
  return { driver, handle, dataDir, staging: join(dataDir, "globalmount") };
}

export const deviceDataDir = (root: string, name: string): string => join(devicesDir(root), name, "data");
/** What NodePublishVolume is given for a block volume: a path that is not there yet. */
export const devicePublishPath = (root: string, name: string, podUid: string): string => join(devicesDir(root), "publish", name, podUid);

/** Every volume that has left traces on this node, as a process finds them that knows nothing. */
export async function allPlaces(root: string): Promise<readonly (Place & { readonly data: VolumeData })[]> {
  const drivers = (await names(pluginDir(root))).filter((name) => name !== "volumeDevices");
  const mounted = await Promise.all(drivers.map(async (driver) => (await names(join(pluginDir(root), driver))).map((hash) => ({ dataDir: join(pluginDir(root), driver, hash), name: "" }))));
  const devices = (await names(devicesDir(root))).map((name) => ({ dataDir: deviceDataDir(root, name), name }));
  const found = await Promise.all([...mounted.flat(), ...devices].map(async ({ dataDir, name }) => {
    const data = await readVolumeData(dataDir);
    return data === undefined ? [] : [{ data, ...placeOf(root, { name, driver: data.driverName, handle: data.volumeHandle, block: name !== "" }) }];
  }));
  return found.flat();
}

/** True while a pod of this node has the volume. */
export async function isUsed(root: string, place: Place): Promise<boolean> {
  const pods = join(root, "pods");
  for (const uid of await names(pods)) {
    if (place.device !== undefined) {
      if ((await names(join(pods, uid, "volumeDevices/kubernetes.io~csi"))).includes(place.device)) return true;
      continue;
    }
    const volumes = join(pods, uid, "volumes/kubernetes.io~csi");
    for (const name of await names(volumes)) {
      const data = await readVolumeData(join(volumes, name));
      if (data?.driverName === place.driver && data.volumeHandle === place.handle) return true;
    }
  }
  return false;
}

async function names(dir: string): Promise<string[]> {
  try {
    return await readdir(dir);
  } catch (err) {
    if (isCode(err, "ENOENT", "ENOTDIR")) return [];
    throw err;
  }
}
