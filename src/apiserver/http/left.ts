import type { Writable } from "node:stream";

/** Why a request's signal aborts: one reason for all, since an error made anew, with its stack, costs more than many an answer. */
export const left: DOMException = new DOMException("the client has left", "AbortError");

/** Aborts when the stream closes. Made only for those who ask: most requests are answered before anybody could want to know. */
export function goneSignal(stream: Writable): AbortSignal {
  if (stream.closed || stream.destroyed) return AbortSignal.abort(left);
  const gone = new AbortController();
  stream.once("close", () => gone.abort(left));
  return gone.signal;
}
