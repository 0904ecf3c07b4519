import type { Clock } from "#base/clock.ts";
import { loop, type Component } from "#base/component.ts";
import type { Logger } from "#base/log.ts";
import type { Store } from "#storage/store.ts";

const fiveMinutesMs = 300_000;

/** Forgets history as it gets older than `afterMs`: at each tick, what was newest at the one before. Upstream: etcd3/compact.go */
export function compactor(store: Store, clock: Clock, log: Logger, afterMs: number = fiveMinutesMs): Component {
  return {
    name: "compactor",
    async run(signal) {
      let last = 0;
      await loop(signal, async () => {
        await clock.sleep(afterMs, signal);
        try {
          const newest = await store.revision();
          if (last > 0 && (await store.claimCompaction())) await store.compact(last);
          last = newest;
        } catch (err) {
          log.warn({ err }, "history could not be compacted");
        }
      });
    },
  };
}
