import { nextTurn } from "#base/clock.ts";
import type { HttpHandler } from "#base/http.ts";
import type { Transport } from "#client/transport.ts";

/** Requests in one moment of virtual time: some parts answer each other for ever. */
export const endless = 10_000;

/** Counts requests on their way, watches aside: who moves time waits until there are none. */
export class Traffic {
  total = 0;
  inFlight = 0;

  transport(inner: Transport): Transport {
    return (request) => (isWatch(request.path) ? inner(request) : this.#count(() => inner(request)));
  }

  handler(inner: HttpHandler): HttpHandler {
    return (request) => (isWatch(request.url) ? inner(request) : this.#count(() => inner(request)));
  }

  /** Resolves when for some turns of the event loop nothing was asked, or when so much was that there will be no end. */
  async calm(turns = 6): Promise<void> {
    const limit = this.total + endless;
    for (let still = 0; still < turns && this.total < limit; still++) {
      const before = this.total;
      await nextTurn();
      if (this.inFlight > 0 || this.total !== before) still = -1;
    }
  }

  async #count<R>(ask: () => Promise<R>): Promise<R> {
    this.total++;
    this.inFlight++;
    try {
      return await ask();
    } finally {
      this.inFlight--;
    }
  }
}

const isWatch = (path: string): boolean => /[?&]watch=true/.test(path);
