import type { Clock } from "#base/clock.ts";
import type { Entry, Store } from "#storage/store.ts";
import { reservedRoot } from "../cacher/keys.ts";

/** Longer than any write takes. One whose end nobody told (its server died) is void after that. */
const holdMs = 60_000;

/** Values that a write is about to take, so that no other takes them meanwhile: not in this server, and not in another one on the same store. */
export interface Reservations<T extends string | number> {
  /** How to give it back, or undefined when it is being taken by somebody else. */
  hold(value: T): Promise<(() => Promise<void>) | undefined>;
}

/** Reservations as keys of their own in the store: the first to make one has it. @param name of what is reserved, e.g. `nodeports` */
export function storedReservations<T extends string | number>(store: Store, clock: Clock, name: string): Reservations<T> {
  return {
    async hold(value) {
      const key = `${reservedRoot}${name}/${value}`;
      const mark = Buffer.from(JSON.stringify({ until: clock.now() + holdMs }));
      let write = await store.put(key, mark, 0);
      if (!write.ok && write.current !== undefined && isVoid(write.current, clock.now())) write = await store.put(key, mark, write.current.modified);
      if (!write.ok) return undefined;
      const { revision } = write;
      return async () => {
        await store.delete(key, revision).catch(() => {}); // then it becomes void by itself
      };
    },
  };
}

const isVoid = ({ value }: Entry, now: number): boolean => (JSON.parse(Buffer.from(value).toString()) as { readonly until: number }).until <= now;
