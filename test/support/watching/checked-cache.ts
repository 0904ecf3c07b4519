import { cacheCheck, cacheDifferences } from "#apiserver/cacher/consistency.ts";
import { Feed } from "#apiserver/cacher/feed.ts";
import { systemClock } from "#base/clock.ts";
import { runAll } from "#base/component.ts";
import { silent } from "#base/log.ts";
import type { Store } from "#storage/store.ts";
import type { Complaints } from "./witness.ts";

/** A watch cache over a store, as the server has one, compared with it again and again and once more at its end (R7). */
export class CheckedCache {
  checks = 0;
  readonly #stop = new AbortController();
  readonly #compare: () => Promise<readonly string[]>;
  readonly #complaints: Complaints;
  readonly #running: Promise<void>;

  constructor(store: Store, complaints: Complaints, everyMs: number) {
    const feed = new Feed(store, systemClock, silent);
    this.#complaints = complaints;
    this.#compare = async () => {
      const found = await cacheDifferences(feed, store);
      this.checks++;
      return found;
    };
    this.#running = runAll([feed, cacheCheck(this.#compare, systemClock, everyMs)], this.#stop.signal).catch((err: unknown) => complaints.add("the cache", String(err instanceof Error ? (err.cause ?? err) : err)));
  }

  async close(): Promise<void> {
    for (const line of await this.#compare().catch(() => [])) this.#complaints.add("the cache", line); // forgotten meanwhile: nothing to compare with
    this.#stop.abort();
    await this.#running;
  }
}
