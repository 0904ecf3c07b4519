import type { Clock } from "#base/clock.ts";
import { TokenBucket } from "#base/token-bucket.ts";

/** Resets that a connection may make at once: all its streams some times over; and how many more each second. Upstream: http2.Server countError, CVE-2023-44487 */
const rate = { burst: 500, perSecond: 33 };

/** Counts the streams that a peer opened and took back. Work that is ordered and cancelled without end is an attack. */
export class ResetLimit {
  readonly #bucket: TokenBucket;

  constructor(clock: Clock) {
    this.#bucket = new TokenBucket(clock, rate);
  }

  /** Notes one more; true when that is too many. */
  passed(): boolean {
    return !this.#bucket.take();
  }
}
