/** Growing waits between replacements of failed pods, one row for each key. Upstream: client-go flowcontrol Backoff */
export class FailureBackoff {
  static readonly #firstMs = 1_000;
  static readonly #longestMs = 900_000;
  readonly #rows = new Map<string, { readonly waitMs: number; readonly since: number }>();

  /** Milliseconds until the key may be tried again; 0 says that it may, and counts as the attempt. */
  attempt(key: string, now: number): number {
    const row = this.#rows.get(key);
    if (row !== undefined && now - row.since < row.waitMs) return row.waitMs - (now - row.since);
    const isForgotten = row === undefined || now - row.since > 2 * FailureBackoff.#longestMs;
    this.#rows.set(key, { waitMs: isForgotten ? FailureBackoff.#firstMs : Math.min(2 * row.waitMs, FailureBackoff.#longestMs), since: now });
    return 0;
  }

  /** Forgets what nobody has asked for in a long time. */
  sweep(now: number): void {
    for (const [key, { since }] of this.#rows) if (now - since > 2 * FailureBackoff.#longestMs) this.#rows.delete(key);
  }
}
