import type { Change, Revision, Store } from "#storage/store.ts";
import type { Cache } from "./cache.ts";
import { CacheEvent, type Delivery, type Selection } from "./event.ts";
import { Item } from "./item.ts";

/** Events that are told at once: so many, and none behind so many bytes, since a reader who stops holds them. */
export const mostAtOnce: { readonly events: number; readonly bytes: number } = { events: 64, bytes: 128 * 1024 };

/**
 * Changes that the ring no longer holds, read from the store's history until the ring can take over.
 * Returns the place in the ring to go on from. Throws `Compacted` when the history is gone as well.
 */
export async function* replay(store: Store, cache: Cache, selection: Selection, from: Revision, signal: AbortSignal): AsyncGenerator<readonly Delivery[], { readonly place: number; readonly after: Revision } | undefined> {
  let last = from;
  for await (const { changes, upTo } of store.watch(cache.prefix, from, signal)) {
    yield* inPortions(cache.prefix, changes, selection);
    last = upTo;
    const place = cache.ring.after(last);
    if (place !== undefined) return { place, after: last };
  }
  return undefined;
}

function* inPortions(prefix: string, changes: readonly Change[], selection: Selection): Generator<readonly Delivery[]> {
  let [portion, bytes]: [Delivery[], number] = [[], 0];
  for (const change of changes) {
    const delivery = eventOf(prefix, change).deliver(selection);
    if (delivery === undefined) continue;
    portion.push(delivery);
    bytes += delivery.item.json.length;
    if (portion.length < mostAtOnce.events && bytes < mostAtOnce.bytes) continue;
    yield portion;
    [portion, bytes] = [[], 0];
  }
  if (portion.length > 0) yield portion;
}

/** A change of the store as the cache would have seen it. */
function eventOf(prefix: string, change: Change): CacheEvent {
  const { previous } = change;
  const before = previous === undefined ? undefined : new Item(prefix, previous.key, previous.value, previous.modified);
  if (change.type === "put") return new CacheEvent(prefix, new Item(prefix, change.entry.key, change.entry.value, change.entry.modified), before, false);
  return new CacheEvent(prefix, new Item(prefix, change.previous.key, change.previous.value, change.revision), before, true);
}
