import type { Change, Revision, Store } from "#storage/store.ts";
import type { Cache } from "./cache.ts";
import { CacheEvent, type Delivery, type Selection } from "./event.ts";
import { Item } from "./item.ts";

/**
 * Changes that the ring no longer holds, read from the store's history until the ring can take over.
 * Returns the place in the ring to go on from. Throws `Compacted` when the history is gone as well.
 */
export async function* replay(store: Store, cache: Cache, selection: Selection, from: Revision, signal: AbortSignal): AsyncGenerator<readonly Delivery[], { readonly place: number; readonly after: Revision } | undefined> {
  let last = from;
  for await (const { changes, upTo } of store.watch(cache.prefix, from, signal)) {
    const deliveries: Delivery[] = [];
    for (const change of changes) {
      const delivery = eventOf(cache.prefix, change).deliver(selection);
      if (delivery !== undefined) deliveries.push(delivery);
    }
    last = upTo;
    if (deliveries.length > 0) yield deliveries;
    const place = cache.ring.after(last);
    if (place !== undefined) return { place, after: last };
  }
  return undefined;
}

/** A change of the store as the cache would have seen it. */
function eventOf(prefix: string, change: Change): CacheEvent {
  const { previous } = change;
  const before = previous === undefined ? undefined : new Item(prefix, previous.key, previous.value, previous.modified);
  if (change.type === "put") return new CacheEvent(prefix, new Item(prefix, change.entry.key, change.entry.value, change.entry.modified), before, false);
  return new CacheEvent(prefix, new Item(prefix, change.previous.key, change.previous.value, change.revision), before, true);
}
