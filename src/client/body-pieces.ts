import http2, { type ClientHttp2Stream } from "node:http2";
import { TransportError } from "./transport.ts";

/** Bytes that may wait for the reader before the server is told to wait. */
const mostWaiting = 1024 * 1024;

/**
 * The pieces of an answer. Takes them from the moment of the call, since Node throws away what has come whole before
 * anybody reads. Ends the request when the reader stops early. Throws the signal's reason, or TransportError when cut off.
 */
export function bodyPieces(stream: ClientHttp2Stream, signal: AbortSignal | undefined): AsyncIterable<Uint8Array> {
  const waiting: Uint8Array[] = [];
  let size = 0;
  let cause: unknown;
  let state: "open" | "ended" | "closed" = "open";
  let wake = Promise.withResolvers<void>();
  const changed = (): void => { wake.resolve(); };
  stream.on("data", (piece: Uint8Array) => {
    waiting.push(piece);
    size += piece.byteLength;
    if (size > mostWaiting) stream.pause();
    changed();
  });
  stream.on("end", () => { if (state === "open") state = "ended"; changed(); });
  stream.on("error", (err) => { cause = err; });
  stream.on("close", () => { if (state === "open") state = "closed"; changed(); });

  const take = (): Uint8Array | undefined => {
    const piece = waiting.shift();
    size -= piece?.byteLength ?? 0;
    if (stream.isPaused() && size <= mostWaiting) stream.resume();
    return piece;
  };
  return (async function* () {
    try {
      for (;;) {
        const piece = take();
        if (piece !== undefined) yield piece;
        else if (state === "open") {
          wake = Promise.withResolvers();
          await wake.promise;
        } else break;
      }
      signal?.throwIfAborted();
      if (state === "closed" || stream.rstCode !== http2.constants.NGHTTP2_NO_ERROR) throw cutOff(stream, cause);
    } finally {
      if (!stream.closed) stream.close(http2.constants.NGHTTP2_CANCEL);
    }
  })();
}

const cutOff = (stream: ClientHttp2Stream, cause: unknown): TransportError =>
  new TransportError(`the answer was cut off: ${cause instanceof Error ? cause.message : `HTTP/2 code ${stream.rstCode}`}`, { cause, sent: true });
