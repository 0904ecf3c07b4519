import { readFileSync, statfsSync } from "node:fs";

const capSysResource = 24n;
/** File systems on which overlayfs cannot have its upper directory: overlayfs itself, and those without xattrs or d_type. */
const notUnderOverlay = new Set([0x794c7630, 0x6969, 0x65735546]); // overlayfs, NFS, FUSE

/** Whether this process may lower `oom_score_adj` and raise hard limits. */
export function hasCapSysResource(status: string = readFileSync("/proc/self/status", "utf8")): boolean {
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1];
  return effective !== undefined && (BigInt(`0x${effective}`) >> capSysResource & 1n) === 1n;
}

/** The snapshotter that works below `dir`, which must exist. */
export function snapshotterFor(dir: string): "overlayfs" | "native" {
  return notUnderOverlay.has(statfsSync(dir).type) ? "native" : "overlayfs";
}
