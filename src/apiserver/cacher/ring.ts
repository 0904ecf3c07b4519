import type { Revision } from "#storage/store.ts";
import type { CacheEvent } from "./event.ts";

/** So many of the newest events keep their encodings, twice what a watcher takes at once. They are as large as the events and count nowhere else. */
const encodedEvents = 512;

/**
 * The last events of one resource. Watchers hold a place in it, never a queue of their own: when it is full the
 * oldest event goes, and a watcher that still needed it is cut.
 */
export class Ring {
  readonly #maxEvents: number;
  readonly #maxBytes: number;
  #events: CacheEvent[] = [];
  /** How many of `#events`' head are gone already; shifted out in bulk. */
  #head = 0;
  #bytes = 0;
  #first = 0;
  #floor: Revision;

  constructor(floor: Revision, maxEvents = 4096, maxBytes: number = 8 << 20) {
    this.#floor = floor;
    this.#maxEvents = maxEvents;
    this.#maxBytes = maxBytes;
  }

  /** The place behind the newest event. */
  get end(): number {
    return this.#first + this.#events.length - this.#head;
  }

  /** Changes up to and including this revision can no longer be read here. */
  get floor(): Revision {
    return this.#floor;
  }

  push(event: CacheEvent): void {
    this.#events.push(event);
    this.at(this.end - 1 - encodedEvents)?.forgetFrames();
    this.#bytes += event.item.json.length;
    while (this.end - this.#first > this.#maxEvents || (this.#bytes > this.#maxBytes && this.end - this.#first > 1)) this.#drop();
  }

  /** The event at a place; undefined when it is gone or not there yet. */
  at(place: number): CacheEvent | undefined {
    return place < this.#first ? undefined : this.#events[this.#head + place - this.#first];
  }

  /** True when nothing from this place on is lost. */
  holds(place: number): boolean {
    return place >= this.#first;
  }

  /** The place of the first event after `revision`; undefined when such an event may be gone. */
  after(revision: Revision): number | undefined {
    if (revision < this.#floor) return undefined;
    let low = this.#head;
    let high = this.#events.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#events[middle] as CacheEvent).revision <= revision) low = middle + 1;
      else high = middle;
    }
    return this.#first + low - this.#head;
  }

  /** Forgets everything: no place handed out so far is held any more. */
  reset(floor: Revision): void {
    this.#first = this.end + 1;
    this.#events = [];
    this.#head = 0;
    this.#bytes = 0;
    this.#floor = floor;
  }

  #drop(): void {
    const gone = this.#events[this.#head] as CacheEvent;
    this.#floor = gone.revision;
    this.#bytes -= gone.item.json.length;
    this.#head++;
    this.#first++;
    if (this.#head < 512) return;
    this.#events = this.#events.slice(this.#head);
    this.#head = 0;
  }
}
