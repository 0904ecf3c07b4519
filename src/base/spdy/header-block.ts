/** Header blocks: names and values under one zlib stream per direction, which lives as long as the session. */
import { createInflate, type Inflate } from "node:zlib";
import { dictionary } from "./dictionary.ts";
import { SpdyError } from "./frames.ts";

/** Lower-case names; several values of one name are joined with NUL, as on the wire. */
export type SpdyHeaders = ReadonlyMap<string, string>;

const MAX_BLOCK = 64 * 1024;
const STORED_MAX = 0xffff;

/** An empty stored block: Go's reader hands out what it has only when it sees one. */
const flush = Buffer.from([0, 0, 0, 0xff, 0xff]);

/** Writes header blocks. Nothing is compressed (stored blocks only): it costs some bytes, and gives no side channel. */
export class HeaderEncoder {
  #begun = false;

  /** Throws `SpdyError` when the headers are too large. */
  encode(headers: SpdyHeaders): Buffer {
    const fields = [...headers].flatMap(([name, value]) => [name.toLowerCase(), value]);
    const plain = Buffer.concat([word32(headers.size), ...fields.flatMap((text) => { const bytes = Buffer.from(text, "utf8"); return [word32(bytes.length), bytes]; })]);
    if (plain.length > STORED_MAX) throw new SpdyError("headers are too large");
    const stored = Buffer.alloc(5);
    stored.writeUInt16LE(plain.length, 1);
    stored.writeUInt16LE(plain.length ^ 0xffff, 3);
    const start = this.#begun ? Buffer.alloc(0) : Buffer.from([0x78, 0x01]);
    this.#begun = true;
    return Buffer.concat([start, stored, plain, flush]);
  }
}

/** Reads header blocks, in the order in which they came. */
export class HeaderDecoder {
  readonly #inflate: Inflate = createInflate({ dictionary: Buffer.from(dictionary), chunkSize: 4096 });
  #out: Buffer[] = [];
  #size = 0;
  #fail: (err: unknown) => void = () => {};

  constructor() {
    this.#inflate.on("error", (err) => this.#fail(new SpdyError("header block is not readable", { cause: err })));
    this.#inflate.on("data", (chunk: Buffer) => {
      this.#size += chunk.length;
      if (this.#size > MAX_BLOCK) this.#inflate.destroy(new Error("header block is too large"));
      else this.#out.push(chunk);
    });
  }

  /** Throws `SpdyError` when the block is broken or larger than 64 KiB; then the decoder is of no more use. */
  async decode(block: Uint8Array): Promise<SpdyHeaders> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#fail = reject;
    if (this.#inflate.destroyed) throw new SpdyError("header block is not readable");
    this.#inflate.write(block, (err) => (err ? reject(new SpdyError("header block is not readable", { cause: err })) : resolve()));
    await promise;
    if (this.#size > MAX_BLOCK) throw new SpdyError("header block is too large");
    const plain = Buffer.concat(this.#out);
    this.#out = [];
    this.#size = 0;
    return parse(plain);
  }

  close(): void {
    this.#inflate.destroy();
  }
}

function word32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function parse(plain: Buffer): SpdyHeaders {
  const headers = new Map<string, string>();
  let at = 0;
  const take = (length: number): Buffer => {
    if (at + length > plain.length) throw new SpdyError("header block is cut short");
    at += length;
    return plain.subarray(at - length, at);
  };
  const takeText = (): string => take(take(4).readUInt32BE()).toString("utf8");
  for (let left = take(4).readUInt32BE(); left > 0; left--) {
    const name = takeText();
    if (headers.has(name)) throw new SpdyError("header block has a name twice");
    headers.set(name, takeText());
  }
  return headers;
}
