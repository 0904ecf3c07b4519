/** One request and its answer, apart from how it travels. Header names are lower case. */
export interface TransportRequest {
  readonly method: string;
  /** Begins with a slash, query included. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  readonly signal?: AbortSignal;
}

export interface TransportResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Arrives in pieces as they come. Whoever stops reading early ends the request with it. */
  readonly body: AsyncIterable<Uint8Array>;
}

/** Rejects with `TransportError` when no answer came, with the signal's reason when it aborted. */
export type Transport = (request: TransportRequest) => Promise<TransportResponse>;

/** A transport that holds connections: close it when nothing needs it any more. */
export type ClosableTransport = Transport & { close(): void };

/** The server did not answer: unreachable, refused, cut off. Whether it acted is unknown unless `sent` is false. */
export class TransportError extends Error {
  override readonly name = "TransportError";
  readonly sent: boolean;

  constructor(message: string, options: { readonly cause?: unknown; readonly sent: boolean }) {
    super(message, { cause: options.cause });
    this.sent = options.sent;
  }
}

/** All of a body as text. @throws RangeError beyond `limit` bytes */
export async function readText(body: AsyncIterable<Uint8Array>, limit: number = Infinity): Promise<string> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of body) {
    size += piece.byteLength;
    if (size > limit) throw new RangeError(`answer is longer than ${limit} bytes`);
    pieces.push(piece);
  }
  const [only] = pieces;
  return (pieces.length === 1 && only !== undefined ? Buffer.from(only.buffer, only.byteOffset, only.byteLength) : Buffer.concat(pieces)).toString();
}
