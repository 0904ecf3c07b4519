import type { Clock } from "#base/clock.ts";
import { RateLimiter } from "./rate-limiter.ts";

/**
 * Keys that wait for work. A key is there once however often it is added; a key added while it is worked
 * on waits until that work is done, and is then worked on once more. It grows with the number of
 * different keys only.
 */
export class WorkQueue {
  readonly #clock: Clock;
  readonly #limiter: RateLimiter;
  readonly #ready = new Set<string>();
  readonly #working = new Set<string>();
  readonly #again = new Set<string>();
  readonly #delayed = new Map<string, { readonly due: number; readonly cancel: AbortController }>();
  readonly #idle: (() => void)[] = [];
  #closed = false;

  constructor(clock: Clock, limiter: RateLimiter = new RateLimiter(clock)) {
    this.#clock = clock;
    this.#limiter = limiter;
  }

  /** Keys that could be worked on now. */
  get length(): number { return this.#ready.size; }
  /** True while a key waits, now or later, or is worked on. */
  get busy(): boolean { return this.#ready.size + this.#working.size + this.#delayed.size > 0; }

  add(key: string): void {
    if (this.#closed) return;
    if (this.#working.has(key)) return void this.#again.add(key);
    this.#ready.add(key);
    this.#idle.shift()?.();
  }

  /** Adds the key when `ms` have passed. Of several delays the earliest counts. */
  addAfter(key: string, ms: number): void {
    if (this.#closed) return;
    if (ms <= 0) return this.add(key);
    const due = this.#clock.now() + ms;
    const standing = this.#delayed.get(key);
    if (standing !== undefined && standing.due <= due) return;
    standing?.cancel.abort();
    const cancel = new AbortController();
    this.#delayed.set(key, { due, cancel });
    this.#clock.sleep(ms, cancel.signal).then(() => {
      this.#delayed.delete(key);
      this.add(key);
    }, () => {}); // cancelled
  }

  /** Adds the key after its back-off, which grows with each call until `forget`. */
  addRateLimited(key: string): void { this.addAfter(key, this.#limiter.when(key)); }
  forget(key: string): void { this.#limiter.forget(key); }
  failures(key: string): number { return this.#limiter.failures(key); }

  /** Works on keys with at most `workers` at a time until the signal aborts, then waits for those under way. `work` must not reject. */
  async run(signal: AbortSignal, workers: number, work: (key: string) => Promise<void>): Promise<void> {
    const close = (): void => this.#close();
    signal.addEventListener("abort", close, { once: true });
    if (signal.aborted) close();
    try {
      await Promise.all(Array.from({ length: workers }, () => this.#worker(work)));
    } finally {
      signal.removeEventListener("abort", close);
      close();
    }
  }

  async #worker(work: (key: string) => Promise<void>): Promise<void> {
    while (!this.#closed) {
      const [key] = this.#ready;
      if (key === undefined) {
        await new Promise<void>((resolve) => { this.#idle.push(resolve); });
        continue;
      }
      this.#ready.delete(key);
      this.#working.add(key);
      await work(key);
      this.#working.delete(key);
      if (this.#again.delete(key)) this.add(key);
    }
  }

  #close(): void {
    this.#closed = true;
    for (const { cancel } of this.#delayed.values()) cancel.abort();
    this.#delayed.clear();
    this.#ready.clear();
    for (const wake of this.#idle.splice(0)) wake();
  }
}
