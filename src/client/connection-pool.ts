import http2, { type ClientHttp2Session, type ClientHttp2Stream, type ClientSessionRequestOptions, type OutgoingHttpHeaders } from "node:http2";
import { systemClock, type Clock } from "#base/clock.ts";
import { loop } from "#base/component.ts";
import { TransportError } from "./transport.ts";

export interface PoolOptions {
  /** `https://host:port`. */
  readonly server: string;
  /** PEM of the authorities to trust; the system's where left out. */
  readonly ca?: string | Uint8Array;
  /** PEM of the client certificate and its key. */
  readonly cert?: string | Uint8Array;
  readonly key?: string | Uint8Array;
  /** Name to expect in the server's certificate, where it is not the host. */
  readonly serverName?: string;
  /** Trusts any certificate: for diagnosis only. */
  readonly insecure?: boolean;
  /** How often the peer is asked for a sign of life; without one until the next the connection is given up. Default 15 s. */
  readonly pingMs?: number;
  readonly clock?: Clock;
}

/** Streams that one connection carries, where the server allows more. Upstream: golang.org/x/net/http2 defaultMaxConcurrentStreams */
const streamsPerConnection = 100;
const maxConnections = 32;
const windowBytes = 4 * 1024 * 1024;

/** HTTP/2 connections to one server: another one is opened when all carry as many streams as the server allows. */
export class ConnectionPool {
  readonly #options: PoolOptions;
  readonly #sessions = new Map<ClientHttp2Session, { streams: number }>();
  /** What the server was last heard to allow; a new connection has not said it yet. */
  #streamLimit = streamsPerConnection;
  #closed = false;

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  get closed(): boolean { return this.#closed; }

  /** Opens a stream on a connection that has room for it. @throws TransportError (not sent) when the server cannot be reached, the signal's reason when it aborts */
  async request(headers: OutgoingHttpHeaders, options: ClientSessionRequestOptions & { readonly signal?: AbortSignal }): Promise<ClientHttp2Stream> {
    options.signal?.throwIfAborted();
    if (this.#closed) throw new TransportError("the transport is closed", { sent: false });
    const session = this.#withRoom() ?? this.#open();
    const use = this.#sessions.get(session) ?? { streams: 0 };
    use.streams++;
    const release = (): void => { use.streams--; };
    try {
      if (session.connecting) await connected(session, this.#options.server, options.signal);
      return session.request(headers, options).once("close", release);
    } catch (cause) {
      release();
      options.signal?.throwIfAborted();
      throw cause instanceof TransportError ? cause : new TransportError("the connection was closed", { cause, sent: false });
    }
  }

  close(): void {
    this.#closed = true;
    for (const session of this.#sessions.keys()) session.destroy();
    this.#sessions.clear();
  }

  #withRoom(): ClientHttp2Session | undefined {
    let emptiest: ClientHttp2Session | undefined;
    for (const [session, use] of this.#sessions) {
      if (session.closed || session.destroyed) continue;
      if (use.streams < this.#streamLimit) return session;
      if (emptiest === undefined || use.streams < (this.#sessions.get(emptiest)?.streams ?? 0)) emptiest = session;
    }
    return this.#sessions.size >= maxConnections ? emptiest : undefined;
  }

  #open(): ClientHttp2Session {
    const { server, ca, cert, key, serverName, insecure, clock = systemClock, pingMs = 15_000 } = this.#options;
    const session = http2.connect(server, {
      ...(ca && { ca: Buffer.from(ca) }), ...(cert && { cert: Buffer.from(cert) }), ...(key && { key: Buffer.from(key) }),
      ...(serverName && { servername: serverName }), rejectUnauthorized: insecure !== true,
      settings: { initialWindowSize: windowBytes, enablePush: false }, maxSessionMemory: 256,
    });
    this.#sessions.set(session, { streams: 0 });
    session.setMaxListeners(0);
    const forget = (): void => { this.#sessions.delete(session); };
    session.on("connect", () => session.setLocalWindowSize(windowBytes * 4));
    session.on("remoteSettings", ({ maxConcurrentStreams = streamsPerConnection }) => { this.#streamLimit = Math.min(streamsPerConnection, maxConcurrentStreams); });
    session.on("error", forget); // the streams and `connected` report it
    session.on("goaway", forget);
    session.on("close", forget);
    void watchLiveness(session, clock, pingMs);
    return session;
  }
}

function connected(session: ClientHttp2Session, server: string, signal: AbortSignal | undefined): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const fail = (cause?: unknown): void => reject(new TransportError(`cannot reach ${server}${cause instanceof Error ? `: ${cause.message}` : ""}`, { cause, sent: false }));
  const closed = (): void => fail();
  const stop = (): void => reject(signal?.reason);
  session.once("connect", () => resolve()).once("error", fail).once("close", closed);
  signal?.addEventListener("abort", stop, { once: true });
  return promise.finally(() => {
    session.off("error", fail).off("close", closed);
    signal?.removeEventListener("abort", stop);
  });
}

/** Destroys a connection whose peer is gone without a word: a ping every `pingMs`, answered before the next is due. */
async function watchLiveness(session: ClientHttp2Session, clock: Clock, pingMs: number): Promise<void> {
  const closed = new AbortController();
  session.once("close", () => closed.abort());
  await loop(closed.signal, async () => {
    const { connecting, destroyed } = session;
    if (destroyed) return closed.abort();
    let answered = false;
    if (!connecting) session.ping((err) => { answered = err === null; });
    await clock.sleep(pingMs, closed.signal);
    if (connecting ? !session.connecting : answered) return;
    session.destroy(new Error(connecting ? "the connection attempt took too long" : "no sign of life from the server"));
    closed.abort();
  });
}
