/** What the machine and its pods hold, for the eviction manager. */
import type { Pod } from "#api/gen/core-v1.ts";
import type { TreeSize } from "../stats/disk.ts";
import type { Uses } from "./ranking.ts";
import type { Observations } from "./signals.ts";

/** The seam between the rules of eviction and this machine. */
export interface EvictionSource {
  /** What is left now: cheap, asked every ten seconds. What cannot be measured is left out. */
  observe(): Promise<Observations>;
  /** What these pods hold, asked only when one of them must go. */
  uses(pods: readonly Pod[]): Promise<Uses>;
  /** True when images and containers' writable layers are not on the file system of the pods' other files. */
  imagesApart(): Promise<boolean>;
}

export const nothing: TreeSize = { bytes: 0, inodes: 0 };
