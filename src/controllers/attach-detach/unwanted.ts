import type { Clock } from "#base/clock.ts";

/** How long attachments have waited to go. It begins anew for one that was wanted, or whose node answered, in between. */
export class Unwanted {
  /** By volume and attachment. */
  readonly #since = new Map<string, Map<string, number>>();
  readonly #clock: Clock;

  /** @param clock one that nobody sets: a jump must take no volume from a node by force */
  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Begins a look at a volume: whichever of its attachments is not asked for in it waits no longer. */
  look(volume: string): (attachment: string) => number {
    const [before, after] = [this.#since.get(volume), new Map<string, number>()];
    this.#since.delete(volume);
    return (attachment) => {
      const now = this.#clock.now();
      const since = before?.get(attachment) ?? now;
      this.#since.set(volume, after.set(attachment, since));
      return now - since;
    };
  }
}
