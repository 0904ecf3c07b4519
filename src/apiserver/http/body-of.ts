import type { Readable } from "node:stream";
import { left } from "./left.ts";

const end = { done: true, value: undefined } as const;
/** The body of a request that has none. */
export const nothing: AsyncIterable<never> = { [Symbol.asyncIterator]: () => ({ next: () => Promise.resolve(end) }) };

/** A request's body for its reader, who may stop early: the stream lives on, so that the answer can still be sent. */
export const bodyOf = (stream: Readable): AsyncIterable<Uint8Array> => ({ [Symbol.asyncIterator]: () => new Pieces(stream) });

/** Node's own iterator does the same for any stream, and costs a small body more than reading it. */
class Pieces implements AsyncIterator<Uint8Array> {
  readonly #stream: Readable;
  #wake: (() => void) | undefined;

  constructor(stream: Readable) {
    this.#stream = stream;
    for (const event of ["readable", "end", "close"]) stream.on(event, this.#woken);
  }

  async next(): Promise<IteratorResult<Uint8Array>> {
    for (;;) {
      const value = this.#stream.read() as Buffer | null;
      if (value !== null) return { done: false, value };
      if (this.#stream.readableEnded) return await this.return();
      if (this.#stream.destroyed) throw this.#stream.errored ?? left;
      await new Promise<void>((resolve) => { this.#wake = resolve; });
    }
  }

  async return(): Promise<IteratorResult<Uint8Array>> {
    for (const event of ["readable", "end", "close"]) this.#stream.off(event, this.#woken);
    return end;
  }

  #woken = (): void => this.#wake?.();
}
