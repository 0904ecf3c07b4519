import type { Image } from "#cri/gen/cri-v1.ts";
import type { Observation } from "../eviction/signals.ts";

/** Times are milliseconds since 1970. */
export interface ImageRecord {
  readonly image: Image;
  readonly firstSeen: number;
  /** 0: not since the kubelet began. */
  readonly lastUsed: number;
  /** A container, running or not, is made of it. */
  readonly inUse: boolean;
}

/** Nothing while the disk is less full than `high` percent, else what brings it to `low`. */
export function bytesToFree({ capacity, available }: Observation, high: number, low: number): number {
  if (capacity <= 0) return 0;
  const used = 100 - Math.trunc((Math.min(available, capacity) * 100) / capacity);
  return used < high ? 0 : Math.trunc((capacity * (100 - low)) / 100) - available;
}

/**
 * True for an image that may be removed. What the runtime has pinned stays, and what no registry has a digest of: somebody has
 * loaded it by hand, and nobody could pull it again.
 */
export const mayGo = ({ image, firstSeen, inUse }: ImageRecord, leastAgeMs: number, now: number): boolean =>
  !inUse && image.pinned !== true && (image.repoDigests ?? []).length > 0 && now - firstSeen >= leastAgeMs;

/** Unused for longer than images may be. */
export const tooOld = ({ firstSeen, lastUsed }: ImageRecord, mostAgeMs: number, now: number): boolean => firstSeen > 0 && now - Math.max(lastUsed, firstSeen) > mostAgeMs;

/** Last used longest ago first, then first seen longest ago. */
export const oldestFirst = (records: readonly ImageRecord[]): ImageRecord[] => [...records].sort((a, b) => a.lastUsed - b.lastUsed || a.firstSeen - b.firstSeen);
