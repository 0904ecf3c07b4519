import type { Clock } from "#base/clock.ts";

/** Tells how long a key that failed must wait. Upstream: client-go/util/workqueue DefaultTypedControllerRateLimiter */
export class RateLimiter {
  readonly #clock: Clock;
  readonly #failures = new Map<string, number>();
  readonly #perSecond: number;
  readonly #burst: number;
  readonly #firstMs: number;
  readonly #maxMs: number;
  /** When the bucket's next token is due, in clock milliseconds. */
  #nextTokenAt = 0;

  /** @param limits waits double from `firstMs` (5) to `maxMs` (1,000 s) per key; all keys together share `perSecond` (10) after a burst of `burst` (100) */
  constructor(clock: Clock, limits: { readonly firstMs?: number; readonly maxMs?: number; readonly perSecond?: number; readonly burst?: number } = {}) {
    this.#clock = clock;
    this.#firstMs = limits.firstMs ?? 5;
    this.#maxMs = limits.maxMs ?? 1_000_000;
    this.#perSecond = limits.perSecond ?? 10;
    this.#burst = limits.burst ?? 100;
  }

  /** Counts a failure of `key` and returns the wait in milliseconds. */
  when(key: string): number {
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    return Math.max(Math.min(this.#firstMs * 2 ** failures, this.#maxMs), this.#token());
  }

  failures(key: string): number { return this.#failures.get(key) ?? 0; }
  forget(key: string): void { this.#failures.delete(key); }

  #token(): number {
    const now = this.#clock.now();
    const interval = 1000 / this.#perSecond;
    this.#nextTokenAt = Math.max(this.#nextTokenAt, now - interval * (this.#burst - 1));
    const wait = Math.max(0, this.#nextTokenAt - now);
    this.#nextTokenAt += interval;
    return wait;
  }
}
