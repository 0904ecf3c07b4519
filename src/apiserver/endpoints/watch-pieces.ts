import type { Watcher } from "../cacher/watcher.ts";

/** The pieces of a watch that has caught up: `take` gives the next one, or undefined when there is none yet. */
export interface Following { readonly over: boolean; take(): Uint8Array | undefined; [Symbol.dispose](): void }

export interface WatchPiecesDeps {
  /** What is told first; gives the watcher to go on with, or undefined when the watch is over. */
  readonly beginning: AsyncGenerator<Uint8Array, Watcher | undefined>;
  readonly follow: (watcher: Watcher) => Following;
  /** The last piece of a watch that fails. */
  readonly failure: (err: unknown) => Uint8Array;
  /** Called when no piece follows: what the watch holds is to be given back. */
  readonly over: () => void;
}

type Piece = IteratorResult<Uint8Array, undefined>;
const end = { done: true, value: undefined } as const;

/**
 * All that one watch is told, in pieces. Written out instead of as a generator: each change wakes every watcher, and from
 * its waker to its reader there is one turn of the microtask queue, not five.
 */
export class WatchPieces implements AsyncIterator<Uint8Array, undefined> {
  readonly #deps: WatchPiecesDeps;
  #following: Following | undefined;
  #asked: PromiseWithResolvers<Piece> | undefined;
  #ended = false;

  constructor(deps: WatchPiecesDeps) {
    this.#deps = deps;
  }

  next(): Promise<Piece> {
    if (this.#ended) return Promise.resolve(end);
    if (this.#following === undefined) return this.#begin();
    const piece = this.#piece(this.#following);
    if (piece !== undefined) return Promise.resolve(piece);
    this.#asked = Promise.withResolvers();
    return this.#asked.promise;
  }

  async return(): Promise<Piece> {
    this.#end();
    this.#asked?.resolve(end);
    await this.#deps.beginning.return(undefined);
    return end;
  }

  async #begin(): Promise<Piece> {
    try {
      const next = await this.#deps.beginning.next();
      if (next.done !== true) return next;
      if (this.#ended) next.value?.close(); // the reader has left meanwhile
      if (next.value === undefined || this.#ended) return this.#end();
      this.#following = this.#deps.follow(next.value);
      next.value.listen(this.#woken);
    } catch (err) {
      return this.#fail(err);
    }
    return await this.next();
  }

  #woken = (): void => {
    const asked = this.#asked;
    if (asked === undefined || this.#following === undefined) return; // looks again when it is asked
    const piece = this.#piece(this.#following);
    if (piece === undefined) return;
    this.#asked = undefined;
    asked.resolve(piece);
  };

  /** Undefined when there is nothing to tell yet. */
  #piece(following: Following): Piece | undefined {
    if (following.over) return this.#end();
    try {
      const value = following.take();
      if (value !== undefined) return { done: false, value };
    } catch (err) {
      return this.#fail(err);
    }
    return following.over ? this.#end() : undefined;
  }

  #fail(err: unknown): Piece {
    this.#end();
    return { done: false, value: this.#deps.failure(err) };
  }

  #end(): typeof end {
    this.#ended = true;
    this.#following?.[Symbol.dispose]();
    this.#deps.over();
    return end;
  }
}
