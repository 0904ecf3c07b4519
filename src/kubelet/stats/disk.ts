import { opendir, lstat } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "#base/clock.ts";

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

interface Counted<T> { readonly at: number; readonly value: Promise<T>; freshMs: number }

/** What takes long to measure, by name: measured again when it is ten seconds old, up to a minute where that takes long. */
export class Measurements<T> {
  readonly #clock: Clock;
  readonly #known = new Map<string, Counted<T>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  of(name: string, measure: () => Promise<T>): Promise<T> {
    const known = this.#known.get(name);
    const now = this.#clock.now();
    if (known !== undefined && now - known.at < known.freshMs) return known.value;
    for (const [other, { at }] of this.#known) if (now - at >= 2 * mostFreshMs) this.#known.delete(other);
    const counted: Counted<T> = { at: now, value: measure(), freshMs: mostFreshMs };
    this.#known.set(name, counted);
    const learn = (): void => { counted.freshMs = Math.min(mostFreshMs, Math.max(leastFreshMs, (this.#clock.now() - now) / share)); };
    counted.value.then(learn, () => {}); // who asked hears of it
    return counted.value;
  }
}

/** Sizes of directories, as fresh as may be. */
export class TreeSizes {
  readonly #sizes: Measurements<TreeSize | undefined>;

  constructor(clock: Clock) {
    this.#sizes = new Measurements(clock);
  }

  of(dir: string): Promise<TreeSize | undefined> {
    return this.#sizes.of(dir, () => sizeOf(dir));
  }
}
