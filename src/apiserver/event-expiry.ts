import type { KubeObject } from "#apimachinery/meta.ts";
import type { Clock } from "#base/clock.ts";
import { loop, untilAborted, type Component } from "#base/component.ts";
import type { Logger } from "#base/log.ts";
import type { Revision, Store } from "#storage/store.ts";
import type { Feed } from "./cacher/feed.ts";
import type { Item } from "./cacher/item.ts";
import { prefixOf } from "./cacher/keys.ts";

/** Upstream: kube-apiserver --event-ttl */
const defaultTtlMs = 3_600_000;
const roundMs = 60_000;
const prefix = prefixOf({ group: "", plural: "events" });

export interface EventExpiryDeps { readonly store: Store; readonly feed: Feed; readonly clock: Clock; readonly log: Logger }

/**
 * Removes Events that nobody has written for an hour. Age is told in rounds that have been slept through, not by the
 * time of day: whoever sets the clock loses no Event. Only what was there before this process is judged once by its times.
 */
export function eventExpiry({ store, feed, clock, log }: EventExpiryDeps, ttlMs: number = defaultTtlMs): Component {
  const remove = async (isOld: (event: Item) => boolean): Promise<void> => {
    for (const event of feed.cache(prefix).list(prefix)) if (isOld(event)) await store.delete(event.key, event.revision); // one that was written meanwhile stays
  };
  return {
    name: "event expiry",
    async run(signal) {
      /** The newest revision of each round, the oldest first. */
      const rounds: Revision[] = [];
      let isOld = (event: Item): boolean => clock.now() - writtenAt(event.parse()) > ttlMs;
      await loop(signal, async () => {
        await Promise.race([feed.loaded, untilAborted(signal)]);
        if (signal.aborted) return;
        rounds.push(feed.revision);
        await remove(isOld).catch((err: unknown) => log.warn({ err }, "old events could not be removed"));
        await clock.sleep(roundMs, signal);
        const before = rounds.length * roundMs < ttlMs ? 0 : (rounds.shift() ?? 0);
        isOld = ({ revision }) => revision <= before;
      });
    },
  };
}

/** When a server last wrote it. */
function writtenAt({ metadata: { creationTimestamp = "", managedFields = [] } }: KubeObject): number {
  return Math.max(...[creationTimestamp, ...managedFields.map(({ time = "" }) => time)].map((time) => Date.parse(time) || 0));
}
