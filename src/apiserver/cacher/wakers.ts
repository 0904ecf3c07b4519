/** So many are woken at once. What one of them does then (a frame to a socket) takes some 50 µs. */
const atOnce = 64;

/** Who wants to know of changes. They are woken a few at a time, so that a thousand of them do not hold the event loop. */
export class Wakers {
  readonly #all = new Set<() => void>();
  #round: Iterator<() => void> | undefined;
  #again = false;

  get size(): number {
    return this.#all.size;
  }

  /** Returns how to stop. */
  add(wake: () => void): () => void {
    this.#all.add(wake);
    return () => this.#all.delete(wake);
  }

  /** Wakes all; those who were woken already in a round that is under way once more after it. */
  wake(): void {
    if (this.#round !== undefined) {
      this.#again = true;
      return;
    }
    this.#round = this.#all.values();
    this.#some(this.#round);
  }

  #some(round: Iterator<() => void>): void {
    for (let i = 0; i < atOnce; i++) {
      const next = round.next();
      if (next.done === true) return this.#over();
      next.value();
    }
    setImmediate(() => this.#some(round));
  }

  #over(): void {
    this.#round = undefined;
    if (!this.#again) return;
    this.#again = false;
    this.wake();
  }
}
