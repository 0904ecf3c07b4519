import type { RuntimeEvent } from "../runtime.ts";

/** Hands each event to everybody who listens at that moment. */
export class EventBus {
  readonly #listeners = new Set<(event: RuntimeEvent) => void>();

  tell(event: RuntimeEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  /** Ends when `signal` aborts. */
  async *listen(signal: AbortSignal): AsyncGenerator<RuntimeEvent, void> {
    const queue: RuntimeEvent[] = [];
    let wake = Promise.withResolvers<void>();
    const listener = (event: RuntimeEvent): void => {
      queue.push(event);
      wake.resolve();
    };
    const stop = (): void => wake.resolve();
    this.#listeners.add(listener);
    signal.addEventListener("abort", stop, { once: true });
    try {
      while (!signal.aborted) {
        yield* queue.splice(0);
        if (queue.length === 0 && !signal.aborted) await wake.promise;
        wake = Promise.withResolvers();
      }
    } finally {
      this.#listeners.delete(listener);
      signal.removeEventListener("abort", stop);
    }
  }
}
