import type { Readable } from "node:stream";

/** A request's body for its reader, who may stop early: the stream lives on, so that the answer can still be sent. */
export const bodyOf = (stream: Readable): AsyncIterable<Uint8Array> => ({
  [Symbol.asyncIterator]: () => (stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>)[Symbol.asyncIterator](),
});
