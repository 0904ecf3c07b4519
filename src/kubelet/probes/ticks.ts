/**
 * Points in time that lie a period apart, whatever the delays of who waits for them: one that was missed is made good at
 * once, more than one are one. Upstream: Go's time.Ticker, by which probes are taken
 */
export class Ticks {
  readonly #periodMs: number;
  #last: number;

  /** @param first of the points, in milliseconds since 1970; it counts as taken */
  constructor(first: number, periodMs: number) {
    this.#last = first;
    this.#periodMs = periodMs;
  }

  /** How long to wait for the next one, which counts as taken. A clock that was set is followed. */
  wait(now: number): number {
    const passed = Math.floor((now - this.#last) / this.#periodMs);
    if (passed < 0) this.#last = now; // set back
    this.#last += Math.max(1, passed) * this.#periodMs;
    return Math.max(0, this.#last - now);
  }
}
