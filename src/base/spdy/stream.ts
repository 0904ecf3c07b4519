import { Duplex } from "node:stream";
import { FLAG_FIN, INITIAL_WINDOW, resetCode, SpdyError } from "./frames.ts";
import type { SpdyHeaders } from "./header-block.ts";

/** What a stream may do to its session. */
export interface StreamHost {
  sendData(id: number, payload: Uint8Array, fin: boolean): Promise<void>;
  sendReset(id: number, code: number): void;
  sendReply(id: number): void;
  sendWindowUpdate(id: number, delta: number): void;
  /** True once the other side has shown that it keeps windows. */
  keepsWindows(): boolean;
  forget(id: number): void;
}

/** Bytes that wait in a stream for its reader before the whole session stops reading. */
const READ_AHEAD = 256 * 1024;
const MAX_DATA = 64 * 1024;

/**
 * One stream of a session: a Duplex whose two halves end apart. A reset by the other side (or the session's end) ends the
 * reading half after what had come before it, and fails every later write.
 */
export class SpdyStream extends Duplex {
  readonly id: number;
  readonly headers: SpdyHeaders;
  /** Resolves when the other side took the stream, rejects when it refused it. Of streams that we opened. */
  readonly opened: Promise<void>;
  readonly #host: StreamHost;
  readonly #opening = Promise.withResolvers<void>();
  #sendWindow: number;
  #windowOpened: (() => void) | undefined;
  #drained: (() => void) | undefined;
  #unacknowledged = 0;
  #finSent = false;
  #endReceived = false;
  #broken: SpdyError | undefined;

  constructor(host: StreamHost, id: number, headers: SpdyHeaders, sendWindow: number = INITIAL_WINDOW) {
    super({ allowHalfOpen: true, readableHighWaterMark: READ_AHEAD, writableHighWaterMark: MAX_DATA });
    this.#host = host;
    this.id = id;
    this.headers = headers;
    this.#sendWindow = sendWindow;
    this.opened = this.#opening.promise;
    this.opened.catch(() => {}); // whoever waits for it sees it
  }

  /** Answers a stream that the other side opened. */
  accept(): void {
    this.#host.sendReply(this.id);
  }

  /** Session only: bytes came. Resolves when there is room for more. */
  async deliver(piece: Uint8Array): Promise<void> {
    if (this.#endReceived || this.destroyed) return;
    this.#unacknowledged += piece.length;
    if (!this.push(piece)) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#drained = resolve;
      await promise;
    }
    // a peer without windows may have sent all and closed: a write would make the kernel throw away what we have not read yet
    if (!this.#host.keepsWindows() || this.#unacknowledged < INITIAL_WINDOW / 2 || this.destroyed) return;
    this.#host.sendWindowUpdate(this.id, this.#unacknowledged);
    this.#unacknowledged = 0;
  }

  /** Session only: the other side will send no more. */
  receiveEnd(): void {
    if (this.#endReceived) return;
    this.#endReceived = true;
    this.push(null);
    this.#forgetIfDone();
  }

  /** Session only: the other side took the stream. */
  receiveReply(): void {
    this.#opening.resolve();
  }

  /** Session only: the stream is over in both directions. */
  receiveReset(cause: SpdyError): void {
    this.#broken ??= cause;
    this.#opening.reject(cause);
    this.#windowOpened?.();
    this.#host.forget(this.id);
    this.receiveEnd();
  }

  /** Session only. A negative one comes with smaller settings. */
  receiveWindow(delta: number): void {
    this.#sendWindow += delta;
    if (this.#sendWindow > 0) this.#windowOpened?.();
  }

  override _read(): void {
    this.#drained?.();
    this.#drained = undefined;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (err?: Error | null) => void): void {
    void settle(this.#send(chunk), done);
  }

  override _final(done: (err?: Error | null) => void): void {
    this.#finSent = true;
    if (this.#broken !== undefined) done();
    else void settle(this.#host.sendData(this.id, new Uint8Array(0), true).then(() => this.#forgetIfDone()), done);
  }

  override _destroy(err: Error | null, done: (err?: Error | null) => void): void {
    this.#drained?.();
    this.#windowOpened?.();
    this.#opening.reject(err ?? new SpdyError("stream was closed"));
    if (!(this.#finSent && this.#endReceived) && this.#broken === undefined) this.#host.sendReset(this.id, resetCode.cancel);
    this.#broken ??= new SpdyError("stream was closed");
    this.#host.forget(this.id);
    done(err);
  }

  async #send(chunk: Buffer): Promise<void> {
    for (let rest = chunk; rest.length > 0;) {
      while (this.#host.keepsWindows() && this.#sendWindow <= 0 && this.#broken === undefined) await this.#window();
      if (this.#broken !== undefined) throw this.#broken;
      const length = Math.min(rest.length, MAX_DATA, this.#host.keepsWindows() ? this.#sendWindow : MAX_DATA);
      this.#sendWindow -= length;
      await this.#host.sendData(this.id, rest.subarray(0, length), false);
      rest = rest.subarray(length);
    }
  }

  async #window(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#windowOpened = resolve;
    await promise;
  }

  #forgetIfDone(): void {
    if (this.#finSent && this.#endReceived) this.#host.forget(this.id);
  }
}

async function settle(work: Promise<void>, done: (err?: Error | null) => void): Promise<void> {
  try {
    await work;
  } catch (err) {
    return done(err instanceof Error ? err : new Error(String(err)));
  }
  done();
}

/** Whether a data or control frame's flags end its sender's half. */
export const endsHalf = (flags: number): boolean => (flags & FLAG_FIN) !== 0;
