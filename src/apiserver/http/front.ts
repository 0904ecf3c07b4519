/** The door: one TLS port, HTTP/2 and HTTP/1.1 by ALPN, each request handed on in the same shape. */
import http from "node:http";
import http2 from "node:http2";
import type { AddressInfo } from "node:net";
import tls, { type TLSSocket } from "node:tls";
import type { Duplex } from "node:stream";
import type { Clock } from "#base/clock.ts";
import type { HttpHandler, HttpRequest } from "#base/http.ts";
import type { Logger } from "#base/log.ts";
import { serveHttp1, serveUpgrade } from "./http1.ts";
import { serveHttp2 } from "./http2.ts";
import { ResetLimit } from "./reset-limit.ts";
import { certificatePeer, type Peer, type RequestHeaderAuthority } from "./identity.ts";

export interface FrontDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly handler: HttpHandler;
  readonly upgrade: (request: HttpRequest, socket: Duplex, head: Buffer) => Promise<void>;
}
export interface ListenOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** PEM: the authority of client certificates, and what the server proves itself with. */
  readonly tls: { readonly ca: string; readonly cert: string; readonly key: string };
  /** Front proxies prove themselves with certificates of this authority. */
  readonly requestHeader?: RequestHeaderAuthority;
}

/** Streams of one connection at a time. Upstream: --http2-max-streams-per-connection */
const maxStreams = 100;
/** How long accepted requests may take to finish when the server stops. */
const graceMs = 10_000;
/** A peer that does not finish its handshake or the head of its request. */
const headTimeoutMs = 30_000;
/** Of a request without HTTP/2: the command of `exec` stands in the URL, and one argument may be as long as 128 KiB. */
const maxHeadBytes = 256 * 1024;

export class Front {
  readonly #deps: FrontDeps;
  readonly #server: tls.Server;
  readonly #http1: http.Server;
  readonly #http2: http2.Http2Server;
  readonly #sockets = new Set<TLSSocket>();
  readonly #sessions = new Set<http2.Http2Session>();
  readonly #peers = new WeakMap<object, Peer>();
  readonly #requestHeader: RequestHeaderAuthority | undefined;

  constructor(deps: FrontDeps, { tls: { ca, cert, key }, requestHeader }: Pick<ListenOptions, "tls" | "requestHeader">) {
    this.#deps = deps;
    this.#requestHeader = requestHeader;
    this.#server = tls.createServer({
      ca: requestHeader === undefined ? ca : [ca, requestHeader.ca], cert, key, requestCert: true, rejectUnauthorized: false, minVersion: "TLSv1.2", ALPNProtocols: ["h2", "http/1.1"], handshakeTimeout: headTimeoutMs,
    });
    this.#http1 = this.#newHttp1();
    this.#http1.emit("listening"); // without it nobody watches over its connections: neither slow heads nor idle ones would end
    this.#http2 = this.#newHttp2();
    this.#server.on("secureConnection", (socket) => this.#accept(socket));
    this.#server.on("tlsClientError", (_err, socket) => socket.destroy());
  }

  /** Resolves with the port when connections are taken. Rejects when the address is in use. */
  listen({ host, port }: Pick<ListenOptions, "host" | "port">): Promise<number> {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    this.#server.once("error", reject);
    this.#server.listen({ host, port, backlog: 511 }, () => {
      this.#server.off("error", reject);
      this.#server.on("error", (err) => this.#deps.log.error({ err }, "the listener failed"));
      resolve((this.#server.address() as AddressInfo).port);
    });
    return promise;
  }

  /** Takes nothing new, lets what was accepted finish, then cuts. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const session of this.#sessions) session.close();
    this.#http1.closeIdleConnections();
    const late = new AbortController();
    const timeout = this.#deps.clock.sleep(graceMs, late.signal).catch(() => {});
    const settled = this.#settled(late.signal);
    await Promise.race([closed, timeout, settled]);
    late.abort();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  /** Idle HTTP/1.1 connections end as their last request does. */
  async #settled(signal: AbortSignal): Promise<void> {
    while (this.#sockets.size > 0 && !signal.aborted) {
      await this.#deps.clock.sleep(20, signal).catch(() => {});
      this.#http1.closeIdleConnections();
    }
  }

  #accept(socket: TLSSocket): void {
    this.#sockets.add(socket);
    socket.on("close", () => this.#sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    socket.setNoDelay(true);
    this.#peers.set(socket, certificatePeer(socket, this.#requestHeader));
    if (socket.alpnProtocol === "h2") this.#http2.emit("connection", socket);
    else this.#http1.emit("connection", socket);
  }

  #newHttp1(): http.Server {
    const server = http.createServer({ maxHeaderSize: maxHeadBytes, headersTimeout: headTimeoutMs, requestTimeout: 0, keepAliveTimeout: 120_000 });
    const peer = (request: http.IncomingMessage): Peer => this.#peers.get(request.socket) ?? {};
    server.on("request", (request, response) => serveHttp1(this.#deps, peer(request), request, response));
    server.on("upgrade", (request, socket, head) => serveUpgrade(this.#deps, peer(request), request, socket, head));
    server.on("clientError", (_err, socket) => {
      if (socket.writable) socket.end("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n");
      else socket.destroy();
    });
    return server;
  }

  #newHttp2(): http2.Http2Server {
    const server = http2.createServer({
      settings: { maxConcurrentStreams: maxStreams, initialWindowSize: 1024 * 1024, enableConnectProtocol: false }, maxSessionMemory: 64, maxHeaderListPairs: 256,
      streamResetBurst: 2000, streamResetRate: 33, // behind our own limit, which says why
    });
    server.on("session", (session) => {
      this.#sessions.add(session);
      session.setLocalWindowSize(8 * 1024 * 1024);
      session.on("close", () => this.#sessions.delete(session));
      session.on("error", () => session.destroy());
      const limit = new ResetLimit(this.#deps.clock);
      session.on("stream", (stream: http2.ServerHttp2Stream, headers) => this.#stream(stream, headers, limit));
    });
    server.on("sessionError", () => {}); // the session has its own handler
    server.on("stream", () => {}); // each session has its own handler
    return server;
  }

  /** A stream that the peer has taken back already when its turn comes is not served; a peer that takes back many is no client. */
  #stream(stream: http2.ServerHttp2Stream, headers: http2.IncomingHttpHeaders, limit: ResetLimit): void {
    const { session } = stream;
    const reset = (): void => { if (limit.passed()) session?.destroy(new Error("too many streams were reset"), http2.constants.NGHTTP2_ENHANCE_YOUR_CALM); };
    stream.on("error", () => {}); // "close" follows
    stream.once("close", () => { if (stream.rstCode === http2.constants.NGHTTP2_CANCEL) reset(); });
    setImmediate(() => { if (!stream.closed && !stream.destroyed) serveHttp2(this.#deps, this.#peer(stream), stream, headers); });
  }

  #peer(stream: http2.ServerHttp2Stream): Peer {
    const session = stream.session;
    if (session === undefined) return {};
    const known = this.#peers.get(session);
    if (known !== undefined) return known;
    const peer = { ...certificatePeer(session.socket as TLSSocket, this.#requestHeader), ...(session.socket.remoteAddress !== undefined && { remoteAddress: session.socket.remoteAddress }) };
    this.#peers.set(session, peer);
    return peer;
  }
}
