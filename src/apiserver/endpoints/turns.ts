import { nextTurn } from "#base/clock.ts";
import type { Clock } from "#base/clock.ts";

/** How long one request may go on before others get their turn. */
const turnMs = 4;

/** Long work in turns, so that it never holds the event loop for long. */
export class Turns {
  readonly #clock: Clock;
  #ends: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#ends = clock.now() + turnMs;
  }

  /** It is time to let others go on. */
  get over(): boolean {
    return this.#clock.now() >= this.#ends;
  }

  /** Lets them, and begins anew. */
  async next(): Promise<void> {
    await nextTurn();
    this.#ends = this.#clock.now() + turnMs;
  }
}
