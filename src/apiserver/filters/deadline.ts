import type { Clock } from "#base/clock.ts";
import type { HttpResponse } from "#base/http.ts";
import { badRequest, StatusError } from "#apimachinery/status.ts";
import type { RequestContext } from "./context.ts";
import { parseDuration } from "#apimachinery/go-duration.ts";

/** Upstream: --request-timeout */
const requestTimeoutMs = 60_000;

/**
 * What a request may take until its answer begins: the server's limit, or less if `timeout` asks for less.
 * Throws BadRequest for what is no duration. Upstream: apiserver/pkg/endpoints/filters/request_deadline.go
 */
function deadlineOf(query: URLSearchParams, mostMs: number = requestTimeoutMs): number {
  const text = query.get("timeout");
  if (text === null || text === "") return mostMs;
  const asked = parseDuration(text);
  if (asked === undefined) throw badRequest(`invalid timeout specified in the request URL - time: invalid duration ${JSON.stringify(text)}`);
  return asked > 0 && asked < mostMs ? asked : mostMs;
}

interface Entry { readonly at: number; readonly late: () => void }

/**
 * Answers 504 in the place of an endpoint that takes too long; what it does goes on, but nobody waits for it.
 * Nearly all requests have the same limit, so that they stand in the order of their ends and one timer serves them all.
 * Upstream: apiserver/pkg/server/filters/timeout.go
 */
export class Deadlines {
  readonly #clock: Clock;
  readonly #pending = new Set<Entry>();
  readonly #until: AbortSignal;
  #ticking = false;

  /** @param until the server stops: what is under way then has the time that stopping takes */
  constructor(clock: Clock, until: AbortSignal) {
    this.#clock = clock;
    this.#until = until;
  }

  async run({ info }: RequestContext, serve: () => Promise<HttpResponse>): Promise<HttpResponse> {
    const ms = deadlineOf(info.query);
    if (ms < requestTimeoutMs) return await this.#alone(ms, serve);
    const { promise, resolve, reject } = Promise.withResolvers<HttpResponse>();
    const entry: Entry = { at: this.#clock.now() + ms, late: () => reject(tooLate()) };
    this.#pending.add(entry);
    if (!this.#ticking && !this.#until.aborted) this.#tick().catch(() => {});
    serve().then(resolve, reject);
    try {
      return await promise;
    } finally {
      this.#pending.delete(entry);
    }
  }

  async #alone(ms: number, serve: () => Promise<HttpResponse>): Promise<HttpResponse> {
    const done = new AbortController();
    const late = this.#clock.sleep(ms, done.signal).then(() => { throw tooLate(); });
    late.catch(() => {}); // the clock's own rejection, when the answer came first
    try {
      return await Promise.race([serve(), late]);
    } finally {
      done.abort();
    }
  }

  /** Looks at the oldest once a second, as long as there is one. */
  async #tick(): Promise<void> {
    this.#ticking = true;
    while (this.#pending.size > 0) {
      await this.#clock.sleep(1000, this.#until);
      const now = this.#clock.now();
      for (const entry of this.#pending) {
        if (entry.at > now) break;
        this.#pending.delete(entry);
        entry.late();
      }
    }
    this.#ticking = false;
  }
}

const tooLate = (): StatusError => new StatusError("Timeout", "Timeout: request did not complete within the allotted timeout", {});
