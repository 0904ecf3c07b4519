import { Readable, Writable } from "node:stream";
import { WebSocket, type RawData } from "ws";

export interface ChannelOptions {
  /** Text messages with a digit and base64 instead of binary ones with a number. */
  readonly base64?: boolean;
  /** The channel on which the client closes others: its payload is their number. */
  readonly closeChannel?: number;
}

/** Bytes that wait in an input before the connection stops being read. */
const READ_AHEAD = 256 * 1024;
const ZERO = 0x30;

/**
 * Several byte streams over one WebSocket, each message led by its channel's number. Upstream: apimachinery httpstream/wsstream.
 * A slow reader of one input holds up the connection; what is sent on channels that nobody asked for is dropped.
 */
export class WebSocketChannels {
  /** Resolves when the connection is closed. */
  readonly closed: Promise<void>;
  readonly #ws: WebSocket;
  readonly #options: ChannelOptions;
  readonly #inputs = new Map<number, Input>();
  readonly #full = new Set<number>();

  constructor(ws: WebSocket, options: ChannelOptions = {}) {
    this.#ws = ws;
    this.#options = options;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.closed = promise;
    ws.on("message", (data, isBinary) => this.#receive(bytesOf(data), isBinary));
    ws.once("close", () => {
      for (const input of this.#inputs.values()) input.end();
      resolve();
    });
  }

  /** What the client sends on a channel. Ends when the client closes the channel or goes away. */
  input(channel: number): Readable {
    const input = new Input(() => {
      if (this.#full.delete(channel) && this.#full.size === 0) this.#ws.resume();
    });
    this.#inputs.set(channel, input);
    if (this.#ws.readyState !== WebSocket.OPEN) input.end();
    return input;
  }

  /** What is written here reaches the client on a channel. Ending it sends nothing: the protocol has no words for it. */
  output(channel: number): Writable {
    return new Writable({
      highWaterMark: 64 * 1024,
      write: (chunk: Buffer, _encoding, done) => this.send(channel, chunk, done),
    });
  }

  /** Sends one message. */
  send(channel: number, payload: Uint8Array, done: (err?: Error) => void = () => {}): void {
    if (this.#options.base64 === true) this.#ws.send(`${channel}${Buffer.from(payload).toString("base64")}`, { binary: false }, done);
    else this.#ws.send(Buffer.concat([Buffer.of(channel), payload]), { binary: true }, done);
  }

  /** Closes the connection with code 1000 after what was sent, and waits for it. */
  async close(): Promise<void> {
    this.#ws.resume();
    for (const input of this.#inputs.values()) input.discard();
    this.#ws.close(1000);
    await this.closed;
  }

  #receive(message: Buffer, isBinary: boolean): void {
    if (message.length === 0) return;
    const channel = (message[0] as number) - (isBinary ? 0 : ZERO);
    const payload = isBinary ? message.subarray(1) : Buffer.from(message.toString("latin1", 1), "base64");
    if (channel === this.#options.closeChannel) return this.#inputs.get(payload[0] ?? -1)?.end();
    if (this.#inputs.get(channel)?.receive(payload) !== false) return;
    this.#full.add(channel);
    this.#ws.pause();
  }
}

class Input extends Readable {
  readonly #onRoom: () => void;
  #over = false;

  constructor(onRoom: () => void) {
    super({ highWaterMark: READ_AHEAD });
    this.#onRoom = onRoom;
  }

  override _read(): void {
    this.#onRoom();
  }

  override _destroy(err: Error | null, done: (err?: Error | null) => void): void {
    this.#over = true;
    this.#onRoom();
    done(err);
  }

  /** False when it is full. */
  receive(payload: Buffer): boolean {
    return this.#over || payload.length === 0 || this.push(payload);
  }

  end(): void {
    if (this.#over) return;
    this.#over = true;
    this.push(null);
  }

  /** Nobody reads any more: room for all that comes. */
  discard(): void {
    this.#over = true;
    this.resume();
  }
}

const bytesOf = (data: RawData): Buffer => (Array.isArray(data) ? Buffer.concat(data) : Buffer.isBuffer(data) ? data : Buffer.from(data));
