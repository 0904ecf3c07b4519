/** What is kept beside a CSI volume, so that any process can take it down again. Upstream: pkg/volume/csi vol_data.json */
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isCode } from "../beneath.ts";

export interface VolumeData {
  readonly specVolID?: string;
  readonly volumeHandle: string;
  readonly driverName: string;
  readonly nodeName?: string;
  readonly attachmentID?: string;
  readonly volumeLifecycleMode?: "Persistent" | "Ephemeral";
}

const fileIn = (dir: string): string => join(dir, "vol_data.json");

/** Whole or not at all. */
export async function writeVolumeData(dir: string, data: VolumeData): Promise<void> {
  const temporary = `${fileIn(dir)}.new`;
  await writeFile(temporary, `${JSON.stringify(data)}\n`, { mode: 0o644 });
  await rename(temporary, fileIn(dir));
}

/** Undefined where nothing was ever published. */
export async function readVolumeData(dir: string): Promise<VolumeData | undefined> {
  try {
    return JSON.parse(await readFile(fileIn(dir), "utf8")) as VolumeData;
  } catch (err) {
    if (isCode(err, "ENOENT", "ENOTDIR")) return undefined;
    throw new Error(`failed to parse volume data file [${fileIn(dir)}]`, { cause: err });
  }
}

export async function removeVolumeData(dir: string): Promise<void> {
  await rm(fileIn(dir), { force: true });
  await rm(`${fileIn(dir)}.new`, { force: true });
}
