/** A fixed number of places, for what is dear while it goes on. Who finds none waits, first come first served. */
export class Places {
  #free: number;
  readonly #waiting = new Set<() => void>();

  constructor(count: number) {
    this.#free = count;
  }

  /** A place, held until it is disposed of; undefined when `signal` aborts before there is one. */
  async take(signal: AbortSignal): Promise<Disposable | undefined> {
    if (signal.aborted) return undefined;
    if (this.#free > 0) this.#free--;
    else if (!(await this.#turn(signal))) return undefined;
    return { [Symbol.dispose]: () => this.#giveBack() };
  }

  #turn(signal: AbortSignal): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const settle = (taken: boolean): void => {
      signal.removeEventListener("abort", leave);
      this.#waiting.delete(come);
      resolve(taken);
    };
    const come = (): void => { settle(true); };
    const leave = (): void => { settle(false); };
    signal.addEventListener("abort", leave);
    this.#waiting.add(come);
    return promise;
  }

  #giveBack(): void {
    const [next] = this.#waiting;
    if (next === undefined) this.#free++;
    else next();
  }
}
