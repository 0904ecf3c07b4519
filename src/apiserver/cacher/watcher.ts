import type { Revision } from "#storage/store.ts";
import type { Cache } from "./cache.ts";
import { type Delivery, type Selection } from "./event.ts";

/** What is taken at once: no more events, and no further one behind so many bytes, since a reader who stops holds them. */
const most = { events: 256, bytes: 128 * 1024 };

/** One watcher's place in a resource's ring. It holds no events, so that one that never reads costs no more than what it has taken. */
export class Watcher {
  readonly #cache: Cache;
  readonly #selection: Selection;
  readonly #after: Revision;
  #place: number;
  #listener: (() => void) | undefined;
  readonly #stop: () => void;
  #onCut: (() => void) | undefined;

  /** @param place from `Ring.after` or `Ring.end` @param after events up to this revision are passed over */
  constructor(cache: Cache, selection: Selection, place: number, after: Revision) {
    this.#cache = cache;
    this.#selection = selection;
    this.#place = place;
    this.#after = after;
    this.#stop = cache.wakers.add(this.wake);
  }

  /** True when events that this watcher has not seen are gone: it was too slow, or the cache was loaded anew. */
  get cut(): boolean {
    return !this.#cache.ring.holds(this.#place);
  }

  /** True when everything in the cache has been taken. */
  get atEnd(): boolean {
    return this.#place >= this.#cache.ring.end;
  }

  /** Calls this once, when it is cut; also while nobody takes anything. */
  onCut(told: () => void): void {
    this.#onCut = told;
  }

  /** The next deliveries, a bounded number; empty when there are none for this selection. */
  take(): Delivery[] {
    const taken: Delivery[] = [];
    for (let bytes = 0; taken.length < most.events && bytes < most.bytes;) {
      const event = this.#cache.ring.at(this.#place);
      if (event === undefined) break;
      this.#place++;
      const delivery = event.revision > this.#after ? event.deliver(this.#selection) : undefined;
      if (delivery === undefined) continue;
      taken.push(delivery);
      bytes += delivery.item.json.length;
    }
    return taken;
  }

  /** Calls `listener` after every change, and at `wake`. */
  listen(listener: () => void): void {
    this.#listener = listener;
  }

  wake = (): void => {
    if (this.#onCut !== undefined && this.cut) {
      this.#onCut();
      this.#onCut = undefined;
    }
    this.#listener?.();
  };

  close(): void {
    this.#stop();
  }
}
