/** Whether the caches hold what the store holds. Upstream: apiserver/pkg/storage/cacher/delegator.go consistencyChecker */
import type { Clock } from "#base/clock.ts";
import { loop, type Component } from "#base/component.ts";
import { Compacted, Unavailable, type Entry, type Store } from "#storage/store.ts";
import type { Feed } from "./feed.ts";
import { Item } from "./item.ts";
import { resourcePrefix, root } from "./keys.ts";

/** Entries that are compared before others have their turn. */
const atOnce = 200;
/** No more differences than this are named. */
const mostNamed = 20;

/** The caches are not what the store is: whatever is served from them may be wrong, and the process should end. */
export class CacheDiffers extends Error {
  override readonly name = "CacheDiffers";
}

/** How the caches differ from the store at the revision that they have come to now. Throws `Compacted` where that revision is forgotten meanwhile. */
export async function cacheDifferences(feed: Feed, store: Store): Promise<readonly string[]> {
  await feed.loaded;
  const { revision, items } = feed.snapshot();
  const found: string[] = [];
  for (let after: string | undefined; found.length < mostNamed;) {
    const { entries, more } = await store.list(root, { at: revision, limit: atOnce, ...(after !== undefined && { after }) });
    for (const entry of entries) found.push(...difference(entry, items.get(entry.key), revision));
    for (const { key } of entries) items.delete(key);
    if (!more) return [...found, ...[...items.keys()].map((key) => `${key} is cached and not stored at ${revision}`)].slice(0, mostNamed);
    after = entries.at(-1)?.key;
  }
  return found;
}

function difference({ key, value, modified }: Entry, cached: Item | undefined, at: number): readonly string[] {
  if (cached === undefined) return [`${key} is stored and not cached at ${at}`];
  if (cached.revision !== modified) return [`${key} is cached of revision ${cached.revision} and stored of ${modified} at ${at}`];
  return new Item(resourcePrefix(key), key, value, modified).json.equals(cached.json) ? [] : [`${key} is cached with other content than is stored at ${modified}`];
}

/** Compares again and again, and fails at a difference. A store that does not answer is asked the next time. */
export const cacheCheck = (differences: () => Promise<readonly string[]>, clock: Clock, everyMs: number): Component => ({
  name: "cache-check",
  run: (signal) => loop(signal, async () => {
    await clock.sleep(everyMs, signal);
    const found = await differences().catch((err: unknown) => {
      if (err instanceof Compacted || err instanceof Unavailable) return [];
      throw err;
    });
    if (found.length > 0) throw new CacheDiffers(`the watch cache differs from the store: ${found.join("; ")}`);
  }),
});
