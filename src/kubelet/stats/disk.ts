import { opendir, lstat, statfs } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "#base/clock.ts";

/** A file system as it is now, in bytes and inodes. */
export interface FileSystem {
  readonly capacity: number;
  readonly available: number;
  readonly used: number;
  readonly inodes: number;
  readonly inodesFree: number;
}

/** The file system that holds `path`; undefined when it is not there. */
export async function fileSystemOf(path: string): Promise<FileSystem | undefined> {
  const found = await statfs(path).catch(() => undefined);
  if (found === undefined) return undefined;
  const { bsize, blocks, bavail, bfree, files, ffree } = found;
  return { capacity: blocks * bsize, available: bavail * bsize, used: (blocks - bfree) * bsize, inodes: files, inodesFree: ffree };
}

export interface TreeSize { readonly bytes: number; readonly inodes: number }

/** A tree with more entries is counted as far as this: nobody may keep the kubelet busy by making files. */
const mostEntries = 100_000;

/** What a directory holds on disk, without following links. Undefined when it is not there. */
export async function sizeOf(dir: string): Promise<TreeSize | undefined> {
  const top = await lstat(dir).catch(() => undefined);
  if (top === undefined) return undefined;
  let [bytes, inodes] = [top.blocks * 512, 1];
  const open = top.isDirectory() ? [dir] : [];
  for (let next = open.pop(); next !== undefined && inodes < mostEntries; next = open.pop()) {
    const entries = await opendir(next).catch(() => undefined);
    if (entries === undefined) continue;
    for await (const entry of entries) {
      const found = await lstat(join(next, entry.name)).catch(() => undefined);
      if (found === undefined) continue; // gone meanwhile
      [bytes, inodes] = [bytes + found.blocks * 512, inodes + 1];
      if (found.isDirectory() && found.dev === top.dev) open.push(join(next, entry.name));
    }
  }
  return { bytes, inodes };
}

/** A size is good for so long at least. */
const leastFreshMs = 10_000;
/** And at most. Upstream: volumeStatsAggPeriod */
const mostFreshMs = 60_000;
/** Between the two: counting shall take no more than this share of the time. */
const share = 0.02;

interface Counted { readonly at: number; readonly size: Promise<TreeSize | undefined>; freshMs: number }

/** Sizes of directories, counted again when they are ten seconds old, up to a minute where counting takes long. */
export class TreeSizes {
  readonly #clock: Clock;
  readonly #known = new Map<string, Counted>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  of(dir: string): Promise<TreeSize | undefined> {
    const known = this.#known.get(dir);
    const now = this.#clock.now();
    if (known !== undefined && now - known.at < known.freshMs) return known.size;
    for (const [path, { at }] of this.#known) if (now - at >= 2 * mostFreshMs) this.#known.delete(path);
    const counted: Counted = { at: now, size: sizeOf(dir), freshMs: mostFreshMs };
    this.#known.set(dir, counted);
    const learn = (): void => { counted.freshMs = Math.min(mostFreshMs, Math.max(leastFreshMs, (this.#clock.now() - now) / share)); };
    counted.size.then(learn, () => {}); // who asked hears of it
    return counted.size;
  }
}
