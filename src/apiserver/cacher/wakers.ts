/** So many are woken at once. What one of them does then (a frame to a socket) takes some 50 µs. */
const atOnce = 64;

/** Who wants to know of changes. They are woken a few at a time, so that a thousand of them do not hold the event loop. */
export class Wakers {
  readonly #all = new Set<() => void>();
  #round: Iterator<() => void> | undefined;
  /** Something has changed that no round has begun for. */
  #due = false;

  get size(): number {
    return this.#all.size;
  }

  /** Returns how to stop. */
  add(wake: () => void): () => void {
    this.#all.add(wake);
    return () => this.#all.delete(wake);
  }

  /** Wakes all in the next turn: whoever wrote is answered before others are told. Once more those who were woken already in a round that is under way. */
  wake(): void {
    if (this.#due) return;
    this.#due = true;
    if (this.#round === undefined) setImmediate(() => this.#begin());
  }

  #begin(): void {
    this.#due = false;
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
    if (this.#due) setImmediate(() => this.#begin());
  }
}
