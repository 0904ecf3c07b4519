/** A device's file system, made where there is none. Upstream: mount-utils SafeFormatAndMount */
import { exec, tryExec } from "#base/exec.ts";
import { isCode } from "./beneath.ts";

export interface FileSystemWish {
  /** `ext4` where nothing is said. */
  readonly fsType?: string;
  readonly options: readonly string[];
}

const unknownData = "unknown data, probably partitions";
/** Of fsck(8): what was wrong is so still. */
const errorsLeft = 4;

/** What is on a device never gets lost: only one on which nothing is found is formatted. */
export async function formatAndMount(device: string, target: string, { fsType = "ext4", options }: FileSystemWish): Promise<void> {
  if (!/^[a-z0-9]+$/.test(fsType)) throw new Error(`fsType "${fsType}" is no file system`);
  const [readOnly, found] = [options.includes("ro"), await formatOf(device)];
  if (found === "" && readOnly) throw new Error(`cannot mount unformatted disk ${device} as we are manipulating it in read-only mode`);
  if (found === "") await makeFileSystem(device, fsType);
  else if (!readOnly) await check(device);
  try {
    await exec("mount", ["-t", fsType, "-o", [...options, "defaults"].join(","), "--", device, target]);
  } catch (err) {
    if (found === "" || found === fsType) throw err;
    throw new Error(`failed to mount the volume as "${fsType}", it already contains ${found}. Mount error: ${err instanceof Error ? err.message : String(err)}`, { cause: err });
  }
}

/** The kind of file system on a device; empty where there is nothing. */
export async function formatOf(device: string): Promise<string> {
  const { code, stdout, stderr } = await tryExec("blkid", ["-p", "-s", "TYPE", "-s", "PTTYPE", "-o", "export", device]);
  if (code === 2) return ""; // blkid(8): nothing was found
  if (code !== 0) throw new Error(`failed to get disk format of disk ${device}: ${(stderr || stdout).trim()}`);
  const facts = new Map(stdout.split("\n").map((line) => [line.split("=")[0] ?? "", line.slice(line.indexOf("=") + 1)]));
  return facts.has("PTTYPE") ? unknownData : (facts.get("TYPE") ?? "");
}

async function makeFileSystem(device: string, fsType: string): Promise<void> {
  const forced = fsType === "ext4" || fsType === "ext3" ? ["-F", "-m0"] : [];
  const { code, stdout, stderr } = await tryExec(`mkfs.${fsType}`, [...forced, device]);
  if (code !== 0) throw new Error(`format of disk "${device}" failed: type:("${fsType}") errcode:(exit status ${code}) output:(${(stderr || stdout).trim()})`);
}

/** Mends what can be mended; a machine without fsck(8) does without. */
async function check(device: string): Promise<void> {
  const result = await tryExec("fsck", ["-a", device]).catch((err: unknown) => {
    if (isCode(err, "ENOENT")) return undefined;
    throw err;
  });
  if (result?.code === errorsLeft) throw new Error(`'fsck' found errors on device ${device} but could not correct them: ${result.stdout}${result.stderr}`);
}
