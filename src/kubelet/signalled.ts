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
    if (!this.#set) {
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
    this.#set = false;
  }
}
