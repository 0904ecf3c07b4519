import type { Clock } from "#base/clock.ts";
import type { Revision } from "../store.ts";

/** A watch of the whole store. */
export interface Follower {
  /** Everything up to here is told. */
  position: Revision;
  /** Asks etcd to say on this watch how far it has come. */
  readonly request: () => void;
}

const firstMs = 10;
const longestMs = 1_000;

/**
 * Brings watches to a revision that was read, when what was written at it is none of their keys: no event tells them.
 * A watch that moves on its own is left alone.
 */
export class Progress {
  readonly #clock: Clock;
  readonly #nudge: (followers: Iterable<Follower>) => Promise<void>;
  readonly #followers = new Set<Follower>();
  readonly #stop = new AbortController();
  #target: Revision = 0;
  #pursuing = false;

  /** @param nudge makes etcd send the watches something; it is repeated while they lag, and may fail */
  constructor(clock: Clock, nudge: (followers: Iterable<Follower>) => Promise<void>) {
    this.#clock = clock;
    this.#nudge = nudge;
  }

  join(follower: Follower): () => void {
    this.#followers.add(follower);
    this.#start();
    return () => this.#followers.delete(follower);
  }

  /** Watches shall come to `revision`, which somebody has read and waits for. */
  expect(revision: Revision): void {
    this.#target = Math.max(this.#target, revision);
    this.#start();
  }

  close(): void {
    this.#stop.abort();
  }

  get #slowest(): Revision {
    return Math.min(...[...this.#followers].map(({ position }) => position));
  }

  get #behind(): boolean {
    return this.#slowest < this.#target && !this.#stop.signal.aborted;
  }

  #start(): void {
    if (this.#pursuing || !this.#behind) return;
    this.#pursuing = true;
    void this.#pursue();
  }

  async #pursue(): Promise<void> {
    for (let delayMs = firstMs; this.#behind;) {
      const before = this.#slowest;
      await this.#clock.sleep(delayMs, this.#stop.signal).catch(() => {});
      if (this.#slowest > before || !this.#behind) continue;
      await this.#nudge(this.#followers).catch(() => {});
      delayMs = Math.min(delayMs * 2, longestMs);
    }
    this.#pursuing = false;
  }
}

/**
 * Whether a progress report that was asked for never overtakes events. Before these versions it may.
 * Upstream: apiserver/pkg/storage/feature endpointSupportsRequestWatchProgress
 */
export function answersProgress(version: string | undefined): boolean {
  const [major = 0, minor = 0, patch = 0] = (/^(\d+)\.(\d+)\.(\d+)/.exec(version ?? "") ?? []).slice(1).map(Number);
  if (major !== 3) return major > 3;
  return minor > 5 || (minor === 5 && patch >= 13) || (minor === 4 && patch >= 31);
}
