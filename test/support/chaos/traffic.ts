import type { HttpHandler } from "#base/http.ts";
import type { Transport } from "#client/transport.ts";

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

  /** Resolves when for some turns of the event loop nothing was asked. */
  async calm(turns = 6): Promise<void> {
    for (let still = 0; still < turns; still++) {
      const before = this.total;
      await new Promise<void>((resolve) => { setImmediate(resolve); });
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
