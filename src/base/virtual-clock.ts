import type { Clock } from "./clock.ts";

interface Sleeper { readonly due: number; readonly wake: () => void }

/** Time that moves only when it is told to: for tests in which a day takes no time. */
export class VirtualClock implements Clock {
  #now: number;
  readonly #sleepers = new Set<Sleeper>();

  /** @param now milliseconds since 1970 */
  constructor(now: number) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  async sleep(ms: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const sleeper: Sleeper = { due: this.#now + ms, wake: resolve };
    const abort = (): void => reject(signal.reason as Error);
    this.#sleepers.add(sleeper);
    signal.addEventListener("abort", abort, { once: true });
    try {
      await promise;
    } finally {
      this.#sleepers.delete(sleeper);
      signal.removeEventListener("abort", abort);
    }
  }

  /** Milliseconds until the next sleeper is to be woken; undefined when nobody sleeps. */
  get nextMs(): number | undefined {
    return this.#sleepers.size > 0 ? Math.max(0, Math.min(...Array.from(this.#sleepers, ({ due }) => due)) - this.#now) : undefined;
  }

  /** Moves on and wakes those whose time has come, in their order. */
  advance(ms: number): void {
    this.set(this.#now + ms);
  }

  /** Sets the time, as an administrator does; backwards it wakes nobody. */
  set(now: number): void {
    this.#now = now;
    const due = [...this.#sleepers].filter((sleeper) => sleeper.due <= now).toSorted((a, b) => a.due - b.due);
    for (const { wake } of due) wake();
  }
}
