import type { HttpResponse } from "#base/http.ts";
import { StatusError } from "#apimachinery/status.ts";
import type { RequestContext } from "./context.ts";
import { targetLabels } from "./target-labels.ts";
import { whenOver } from "./when-over.ts";

const reading: ReadonlySet<string> = new Set(["get", "list", "watch"]);

/** Counts what is under way, and refuses with 429 the streams that one user has too many of. `system:masters` passes always, so that a full server can be repaired. */
export class InFlight {
  readonly #streamsPerUser: number;
  readonly #streams = new Map<string, number>();
  /** How many streams of each kind are open: labels, joined by `targetLabels`, to a count. */
  readonly streams: Map<string, number> = new Map();
  readonly requests = { mutating: 0, readOnly: 0 };

  /** @param streamsPerUser watches, logs that are followed and other streams, of one user */
  constructor(streamsPerUser = 3000) {
    this.#streamsPerUser = streamsPerUser;
  }

  /** Runs `serve`, counting it until its answer is known. */
  async run({ info }: RequestContext, serve: () => Promise<HttpResponse>): Promise<HttpResponse> {
    const kind = reading.has(info.verb) ? "readOnly" : "mutating";
    this.requests[kind]++;
    try {
      return await serve();
    } finally {
      this.requests[kind]--;
    }
  }

  /** Runs `serve`, counting it until its answer's body has ended. */
  async stream(ctx: RequestContext, serve: () => Promise<HttpResponse>): Promise<HttpResponse> {
    const leave = this.#enter(ctx);
    ctx.request.signal.addEventListener("abort", leave, { once: true });
    try {
      const response = await serve();
      if (response.body instanceof Uint8Array) leave();
      return response.body instanceof Uint8Array ? response : { ...response, body: whenOver(response.body, leave) };
    } catch (err) {
      leave();
      throw err;
    }
  }

  /** The same for one that takes over its connection. */
  async upgraded(ctx: RequestContext, serve: () => Promise<void>): Promise<void> {
    const leave = this.#enter(ctx);
    try {
      await serve();
    } finally {
      leave();
    }
  }

  #enter({ user, info }: RequestContext): () => void {
    const full = (this.#streams.get(user.name) ?? 0) >= this.#streamsPerUser;
    if (full && !user.groups.includes("system:masters")) {
      throw new StatusError("TooManyRequests", "the server has received too many requests and has asked us to try again later", { retryAfterSeconds: 1 });
    }
    const labels = targetLabels(info);
    add(this.#streams, user.name, 1);
    add(this.streams, labels, 1);
    let left = false;
    return () => {
      if (left) return;
      left = true;
      add(this.#streams, user.name, -1);
      add(this.streams, labels, -1);
    };
  }
}

/** Keys at zero are forgotten. */
function add(counts: Map<string, number>, key: string, change: number): void {
  const next = (counts.get(key) ?? 0) + change;
  if (next > 0) counts.set(key, next);
  else counts.delete(key);
}
