import type { Clock } from "#base/clock.ts";

/** Upstream: pkg/kubelet/apis/podresources/grpc DefaultQPS, DefaultBurstTokens */
const perSecond = 100;
const burst = 10;

/** How many requests are let in: ten at once, and a hundred a second. */
export class Requests {
  readonly #clock: Clock;
  #tokens = burst;
  #at: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#at = clock.now();
  }

  /** Takes a token; false when there is none. */
  allow(): boolean {
    const now = this.#clock.now();
    this.#tokens = Math.min(burst, this.#tokens + (Math.max(0, now - this.#at) * perSecond) / 1000);
    this.#at = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
