/** Growing waits between attempts, spread so that many clients do not return at once. */
export class Backoff {
  readonly #firstMs: number;
  readonly #maxMs: number;
  #next: number;

  constructor(firstMs: number, maxMs: number) {
    this.#firstMs = firstMs;
    this.#maxMs = maxMs;
    this.#next = firstMs;
  }

  /** How long to wait now, in milliseconds: between one and one and a half times the present step, which doubles. */
  next(): number {
    const step = this.#next;
    this.#next = Math.min(step * 2, this.#maxMs);
    return step * (1 + Math.random() / 2);
  }

  reset(): void {
    this.#next = this.#firstMs;
  }
}
