import type { Clock } from "#base/clock.ts";

/** Wakes the one who waits for it. What rang while nobody waited is not lost. */
export class Bell {
  readonly #clock: Clock;
  #rung = Promise.withResolvers<void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  ring(): void {
    this.#rung.resolve();
  }

  /** True when it has rung since the last wait, false when it has not within this time. */
  async wait(ms: number, signal: AbortSignal): Promise<boolean> {
    const waiting = new AbortController();
    const over = this.#clock.sleep(ms, AbortSignal.any([signal, waiting.signal])).then(() => false);
    try {
      return await Promise.race([over, this.#rung.promise.then(() => true)]);
    } finally {
      waiting.abort();
      over.catch(() => {}); // nobody waits any more
      this.#rung = Promise.withResolvers();
    }
  }
}
