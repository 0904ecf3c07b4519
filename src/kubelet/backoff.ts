import type { Clock } from "#base/clock.ts";

/** Upstream: pkg/kubelet/kubelet.go initialCrashLoopBackOff, MaxCrashLoopBackOff */
const usualFirstMs = 10_000;
const usualMaxMs = 300_000;

/** Growing waits by key: 10 s, doubled up to a longest one, forgotten after twice that of quiet. Upstream: client-go/util/flowcontrol Backoff */
export class Backoff {
  readonly #clock: Clock;
  readonly #maxMs: number;
  readonly #entries = new Map<string, { readonly waitMs: number; readonly at: number }>();

  constructor(clock: Clock, maxMs: number = usualMaxMs) {
    this.#clock = clock;
    this.#maxMs = maxMs;
  }

  /** The wait that a next failure has, 0 for an unknown key. */
  waitMs(key: string): number {
    return this.#entries.get(key)?.waitMs ?? 0;
  }

  /** When the key may be tried again after something that ended at `since`; undefined: now. */
  blockedUntil(key: string, since: number): number | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined || this.#stale(entry, since)) return undefined;
    const until = since + entry.waitMs;
    return this.#clock.now() < until ? until : undefined;
  }

  /** Counts a try after something that ended at `since`. */
  next(key: string, since: number): void {
    const entry = this.#entries.get(key);
    const waitMs = entry === undefined || this.#stale(entry, since) ? Math.min(usualFirstMs, this.#maxMs) : Math.min(entry.waitMs * 2, this.#maxMs);
    this.#entries.set(key, { waitMs, at: this.#clock.now() });
  }

  /** Forgets a key: what comes next is the first time. */
  reset(key: string): void {
    this.#entries.delete(key);
  }

  /** Forgets old keys. */
  prune(): void {
    const now = this.#clock.now();
    for (const [key, entry] of this.#entries) if (now - entry.at > 2 * this.#maxMs) this.#entries.delete(key);
  }

  #stale(entry: { readonly at: number }, since: number): boolean {
    return since - entry.at > 2 * this.#maxMs;
  }
}
