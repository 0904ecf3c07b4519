/**
 * One request and its answer, apart from any transport: the same handler serves HTTP/2, HTTP/1.1 and
 * callers in the process. Header names are lower case.
 */
export interface HttpRequest {
  readonly method: string;
  /** Path and query as they came, not decoded. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: AsyncIterable<Uint8Array>;
  /** Aborts when the client goes away or the server stops. */
  readonly signal: AbortSignal;
  /** Who asks, when the transport knows it: the certificate's subject, or the component in this process. */
  readonly identity?: Identity;
  /** The name of a front proxy that has proven itself: it may say who asks, in `X-Remote-*` headers. */
  readonly frontProxy?: string;
  readonly remoteAddress?: string;
}

/** A proven identity: user name and groups. */
export interface Identity {
  readonly name: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** A stream's pieces are flushed one by one; the stream ends when the request's signal aborts. */
  readonly body: Uint8Array | AsyncIterable<Uint8Array>;
  /** When it aborts, the connection or stream is cut, whatever of the body has not been read. */
  readonly cut?: AbortSignal;
}

export type HttpHandler = (request: HttpRequest) => Promise<HttpResponse>;
