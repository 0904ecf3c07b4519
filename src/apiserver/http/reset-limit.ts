import type { Clock } from "#base/clock.ts";

/** Resets that a connection may make at once: all its streams some times over; and how many more each second. Upstream: http2.Server countError, CVE-2023-44487 */
const burst = 500;
const perSecond = 33;

/** Counts the streams that a peer opened and took back. Work that is ordered and cancelled without end is an attack. */
export class ResetLimit {
  readonly #clock: Clock;
  #left = burst;
  #at: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#at = clock.now();
  }

  /** Notes one more; true when that is too many. */
  passed(): boolean {
    const now = this.#clock.now();
    this.#left = Math.min(burst, this.#left + Math.max(0, now - this.#at) * perSecond / 1000) - 1;
    this.#at = now;
    return this.#left < 0;
  }
}
