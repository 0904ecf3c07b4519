import type { Clock } from "#base/clock.ts";

/** A flag that one waiter at a time waits for; setting it many times before the waiter looks is setting it once. */
export class Signalled {
  #set = false;
  #wake: (() => void) | undefined;

  set(): void {
    this.#set = true;
    this.#wake?.();
  }

  /** Resolves at once when the flag is set, else when it becomes set; clears it. Rejects when `signal` aborts. */
  async wait(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (!this.#set) await this.#becomesSet(signal);
    this.#set = false;
  }

  /** Resolves when the flag is set, the time has come, or `signal` aborts. @param at milliseconds since 1970; undefined: never */
  async waitUntil(at: number | undefined, clock: Clock, signal: AbortSignal): Promise<void> {
    const rest = new AbortController();
    const either = AbortSignal.any([signal, rest.signal]);
    const time = at === undefined ? [] : [clock.sleep(Math.max(0, at - clock.now()), either)];
    const waits = [this.wait(either), ...time];
    await Promise.race(waits).catch(() => {});
    rest.abort();
    await Promise.allSettled(waits);
  }

  async #becomesSet(signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const abort = (): void => reject(signal.reason);
    this.#wake = resolve;
    signal.addEventListener("abort", abort, { once: true });
    try {
      await promise;
    } finally {
      this.#wake = undefined;
      signal.removeEventListener("abort", abort);
    }
  }
}
