import type { HttpResponse } from "#base/http.ts";
import { StatusError } from "#apimachinery/status.ts";
import type { RequestContext } from "./context.ts";

export interface Limits {
  /** Requests under way, all users together. */
  readonly requests: number;
  /** Watches, logs that are followed and other streams, of one user. */
  readonly streamsPerUser: number;
}
export const defaultLimits: Limits = { requests: 3000, streamsPerUser: 3000 };

/** Refuses with 429 what the server has no room for. `system:masters` passes always, so that a full server can be repaired. */
export class InFlight {
  readonly #limits: Limits;
  readonly #streams = new Map<string, number>();
  #requests = 0;

  constructor(limits: Limits = defaultLimits) {
    this.#limits = limits;
  }

  get requests(): number {
    return this.#requests;
  }

  /** Runs `serve`, counting it until its answer's body has ended. */
  async run(ctx: RequestContext, stream: boolean, serve: () => Promise<HttpResponse>): Promise<HttpResponse> {
    const leave = this.#enter(ctx, stream);
    try {
      const response = await serve();
      if (response.body instanceof Uint8Array) leave();
      return response.body instanceof Uint8Array ? response : { ...response, body: counted(response.body, leave) };
    } catch (err) {
      leave();
      throw err;
    }
  }

  #enter({ user, request }: RequestContext, stream: boolean): () => void {
    const count = this.#streams.get(user.name) ?? 0;
    const full = stream ? count >= this.#limits.streamsPerUser : this.#requests >= this.#limits.requests;
    if (full && !user.groups.includes("system:masters")) {
      throw new StatusError("TooManyRequests", "the server has received too many requests and has asked us to try again later", { retryAfterSeconds: 1 });
    }
    if (stream) this.#streams.set(user.name, count + 1);
    else this.#requests++;
    let left = false;
    const leave = (): void => {
      if (left) return;
      left = true;
      if (stream) this.#release(user.name);
      else this.#requests--;
    };
    if (stream) request.signal.addEventListener("abort", leave, { once: true });
    return leave;
  }

  #release(user: string): void {
    const left = (this.#streams.get(user) ?? 1) - 1;
    if (left > 0) this.#streams.set(user, left);
    else this.#streams.delete(user);
  }
}

async function* counted(body: AsyncIterable<Uint8Array>, leave: () => void): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } finally {
    leave();
  }
}
