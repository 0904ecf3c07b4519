import type { HttpHandler, Identity } from "#base/http.ts";
import type { Transport } from "./transport.ts";

/**
 * Calls a handler in this process as `identity`: the same filters as over the network, no sockets.
 * Fields are owned by the last part of its name (`system:kube-scheduler`). What the handler throws comes through; a handler's stream is stopped by its request's signal.
 */
export function inProcess(handler: HttpHandler, identity: Identity): Transport {
  const agent = { "user-agent": identity.name.split(":").at(-1) ?? "" };
  return async ({ method, path, headers = {}, body, signal }) => {
    signal?.throwIfAborted();
    const request = linked(signal);
    try {
      const response = await handler({ method, url: path, headers: { ...agent, ...headers }, body: once(body), signal: request.signal, identity, remoteAddress: "127.0.0.1" });
      return { status: response.status, headers: response.headers, body: until(response.body, signal, request) };
    } catch (err) {
      request.end();
      throw err;
    }
  };
}

/** One reason for all: an error made anew, with its stack, costs more than many a request. */
const over = new DOMException("the request is over", "AbortError");

interface Linked { readonly signal: AbortSignal; end(): void }

/** A signal for one request: aborts with its parent, and when the request is over. */
function linked(parent: AbortSignal | undefined): Linked {
  const own = new AbortController();
  const follow = (): void => own.abort(parent?.reason);
  parent?.addEventListener("abort", follow, { once: true });
  return { signal: own.signal, end: () => { parent?.removeEventListener("abort", follow); own.abort(over); } };
}

async function* once(body: Uint8Array | undefined): AsyncGenerator<Uint8Array> {
  if (body !== undefined && body.byteLength > 0) yield body;
}

/** The body's pieces. Rejects with the caller's reason as soon as it aborts, as a socket would, whatever the handler does. */
async function* until(body: Uint8Array | AsyncIterable<Uint8Array>, signal: AbortSignal | undefined, request: Linked): AsyncGenerator<Uint8Array> {
  if (body instanceof Uint8Array) {
    request.end();
    yield body;
    return;
  }
  let waiting = Promise.withResolvers<IteratorResult<Uint8Array>>();
  const abort = (): void => waiting.reject(signal?.reason);
  signal?.addEventListener("abort", abort, { once: true });
  const pieces = body[Symbol.asyncIterator]();
  try {
    for (;;) {
      signal?.throwIfAborted();
      waiting = Promise.withResolvers();
      pieces.next().then(waiting.resolve, waiting.reject);
      const piece = await waiting.promise;
      if (piece.done === true) return signal?.throwIfAborted();
      yield piece.value;
    }
  } finally {
    signal?.removeEventListener("abort", abort);
    request.end();
    pieces.return?.().catch(() => {}); // it may still be waiting for its next piece
  }
}
