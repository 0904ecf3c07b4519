import type { Duplex } from "node:stream";
import { ByteReader } from "./byte-reader.ts";
import * as frames from "./frames.ts";
import { frameType, goAwayCode, INITIAL_WINDOW, resetCode, SpdyError } from "./frames.ts";
import { HeaderDecoder, HeaderEncoder, type SpdyHeaders } from "./header-block.ts";
import { endsHalf, SpdyStream, type StreamHost } from "./stream.ts";

export interface SessionOptions {
  readonly role: "client" | "server";
  /** The other side opened a stream: call `accept` on it, or `destroy` it. Default: refused. */
  readonly onStream?: (stream: SpdyStream) => void;
  /** Streams that the other side may have open at once. Default 256. */
  readonly maxStreams?: number;
}

const MAX_CONTROL = 64 * 1024;
const MAX_PIECE = 64 * 1024;

/**
 * A SPDY/3.1 session over one connection. Slow readers stop the session's reading (the connection's own back-pressure):
 * the implementation that Kubernetes' Go programs use keeps no windows, so ours are kept towards those only that show theirs.
 */
export class SpdySession implements StreamHost {
  /** Resolves when the connection is over, with the reason if it was not a plain end. Never rejects. */
  readonly closed: Promise<SpdyError | undefined>;
  readonly #transport: Duplex;
  readonly #options: SessionOptions;
  readonly #streams = new Map<number, SpdyStream>();
  readonly #writing = new Set<(cause: SpdyError) => void>();
  readonly #encoder = new HeaderEncoder();
  readonly #decoder = new HeaderDecoder();
  #nextId: number;
  #lastReceivedId = 0;
  #peerStreams = 0;
  #peerKeepsWindows = false;
  #initialWindow = INITIAL_WINDOW;
  #ended: SpdyError | undefined;

  constructor(transport: Duplex, options: SessionOptions) {
    this.#transport = transport;
    this.#options = options;
    this.#nextId = options.role === "client" ? 1 : 2;
    transport.on("error", () => {}); // the reading side reports it
    this.closed = this.#run();
  }

  /** Opens a stream; `opened` of it tells whether the other side took it. Throws `SpdyError` when the session is over. */
  open(headers: SpdyHeaders): SpdyStream {
    if (this.#ended !== undefined) throw this.#ended;
    const stream = new SpdyStream(this, this.#nextId, headers, this.#initialWindow);
    this.#nextId += 2;
    this.#streams.set(stream.id, stream);
    this.#post(frames.synStream(stream.id, this.#encoder.encode(headers)));
    return stream;
  }

  /** Says goodbye and ends the connection; streams that are open end as if reset. */
  close(): void {
    if (!this.#transport.writableEnded && !this.#transport.destroyed) {
      this.#transport.end(frames.goAway(this.#lastReceivedId, goAwayCode.ok));
    }
    this.#finish(new SpdyError("session was closed"));
  }

  async #run(): Promise<SpdyError | undefined> {
    try {
      await this.#read(new ByteReader(this.#transport.iterator({ destroyOnReturn: false })));
      this.#finish(new SpdyError("the other side closed the connection"));
      return undefined;
    } catch (err) {
      const cause = err instanceof SpdyError ? err : new SpdyError("connection broke", { cause: err });
      const asked = this.#ended !== undefined;
      if (cause === err && !this.#transport.destroyed) this.#transport.end(frames.goAway(this.#lastReceivedId, goAwayCode.protocolError));
      this.#finish(cause);
      return asked ? undefined : cause;
    } finally {
      this.#decoder.close();
      this.#transport.destroy();
      for (const fail of this.#writing) fail(new SpdyError("connection is closed"));
    }
  }

  #finish(cause: SpdyError): void {
    this.#ended ??= cause;
    for (const stream of [...this.#streams.values()]) stream.receiveReset(this.#ended);
  }

  async #read(reader: ByteReader): Promise<void> {
    for (let bytes = await reader.exactly(8); bytes !== undefined; bytes = await reader.exactly(8)) {
      const head = frames.parseHead(bytes);
      if (head.kind === "data") {
        await this.#readData(reader, head.id, head.length, head.fin);
        continue;
      }
      if (head.length > MAX_CONTROL) throw new SpdyError("control frame is too large");
      const body = await reader.exactly(head.length);
      if (body === undefined) return;
      await this.#control(head.type, head.flags, body);
      if (this.#transport.writableNeedDrain) await new Promise<void>((resolve) => { this.#transport.once("drain", resolve).once("close", resolve); }); // answers to a flood wait for its sender
    }
  }

  async #readData(reader: ByteReader, id: number, length: number, fin: boolean): Promise<void> {
    const stream = this.#streams.get(id);
    for (let left = length; left > 0;) {
      const piece = await reader.some(Math.min(left, MAX_PIECE));
      if (piece === undefined) return;
      left -= piece.length;
      await stream?.deliver(piece); // of a stream that is gone: dropped
    }
    if (fin) stream?.receiveEnd();
  }

  async #control(type: number, flags: number, body: Buffer): Promise<void> {
    switch (type) {
      case frameType.synStream: return await this.#synStream(flags, body);
      case frameType.synReply: return await this.#synReply(flags, body);
      case frameType.headers: return void (await this.#decoder.decode(body.subarray(4))); // read for the compressor's sake
      case frameType.reset: return this.#reset(body);
      case frameType.settings: return this.#settings(body);
      case frameType.ping: return this.#ping(body);
      case frameType.goAway: return void (this.#ended ??= new SpdyError("the other side takes no more streams"));
      case frameType.windowUpdate: return this.#windowUpdate(body);
      default: // unknown frames are skipped, as the specification has it
    }
  }

  async #synStream(flags: number, body: Buffer): Promise<void> {
    const id = frames.word(body, 0);
    const headers = await this.#decoder.decode(body.subarray(10));
    const theirs = id % 2 === (this.#options.role === "client" ? 0 : 1);
    if (!theirs || id <= this.#lastReceivedId) throw new SpdyError(`stream ${id} is out of order`);
    this.#lastReceivedId = id;
    if (this.#options.onStream === undefined || this.#peerStreams >= (this.#options.maxStreams ?? 256)) return this.sendReset(id, resetCode.refusedStream);
    this.#peerStreams++;
    const stream = new SpdyStream(this, id, headers, this.#initialWindow);
    this.#streams.set(id, stream);
    this.#options.onStream(stream);
    if (endsHalf(flags)) stream.receiveEnd();
  }

  async #synReply(flags: number, body: Buffer): Promise<void> {
    const stream = this.#streams.get(frames.word(body, 0));
    await this.#decoder.decode(body.subarray(4));
    stream?.receiveReply();
    if (endsHalf(flags)) stream?.receiveEnd();
  }

  #reset(body: Buffer): void {
    const code = frames.word(body, 4);
    this.#streams.get(frames.word(body, 0))?.receiveReset(new SpdyError(`stream was reset by the other side (${code})`));
  }

  #settings(body: Buffer): void {
    for (const [id, value] of frames.parseSettings(body)) {
      if (id !== frames.SETTING_INITIAL_WINDOW) continue;
      this.#peerKeepsWindows = true;
      for (const stream of this.#streams.values()) stream.receiveWindow(value - this.#initialWindow);
      this.#initialWindow = value;
    }
  }

  #ping(body: Buffer): void {
    const id = frames.word(body, 0);
    const theirs = id % 2 === (this.#options.role === "client" ? 0 : 1);
    if (theirs) this.#post(frames.ping(id));
  }

  #windowUpdate(body: Buffer): void {
    this.#peerKeepsWindows = true;
    this.#streams.get(frames.word(body, 0))?.receiveWindow(frames.word(body, 4));
  }

  #post(frame: Buffer): void {
    if (!this.#transport.destroyed && !this.#transport.writableEnded) this.#transport.write(frame);
  }

  // What the streams ask for.

  async sendData(id: number, payload: Uint8Array, fin: boolean): Promise<void> {
    if (this.#transport.destroyed || this.#transport.writableEnded) throw new SpdyError("connection is closed");
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#writing.add(reject);
    this.#transport.cork();
    this.#transport.write(frames.dataHead(id, payload.length, fin));
    this.#transport.write(payload, (err) => (err ? reject(err) : resolve()));
    this.#transport.uncork();
    await promise.finally(() => this.#writing.delete(reject));
  }

  sendReset(id: number, code: number): void {
    this.#post(frames.reset(id, code));
  }

  sendReply(id: number): void {
    this.#post(frames.synReply(id, this.#encoder.encode(new Map())));
  }

  sendWindowUpdate(id: number, delta: number): void {
    this.#post(frames.windowUpdate(id, delta));
  }

  keepsWindows(): boolean {
    return this.#peerKeepsWindows;
  }

  forget(id: number): void {
    if (this.#streams.delete(id) && id % 2 === (this.#options.role === "client" ? 0 : 1)) this.#peerStreams--;
  }
}
