import type { Clock } from "#base/clock.ts";

const holdMs = 30_000;

/** What was given away a moment ago and does not show in the store yet. Forgotten after half a minute, when it is stored or given back. */
export class Reservations<T> {
  readonly #clock: Clock;
  readonly #held = new Map<T, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get values(): Iterable<T> {
    const now = this.#clock.now();
    for (const [value, until] of this.#held) if (until <= now) this.#held.delete(value);
    return this.#held.keys();
  }

  hold(value: T): void {
    this.#held.set(value, this.#clock.now() + holdMs);
  }
}
