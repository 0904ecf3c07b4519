import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import type { TLSSocket } from "node:tls";
import type { Clock } from "#base/clock.ts";
import { untilAborted, type Component } from "#base/component.ts";
import type { Logger } from "#base/log.ts";
import { refuseUpgrade } from "#base/upgrade.ts";
import type { KubeletHost } from "../host.ts";
import { newHandlers, type Handlers } from "./handlers.ts";
import { asHttpError, HttpError } from "./http-error.ts";
import { bearerOf, identityOf, type Authenticate, type Authorize } from "./identity.ts";
import { parseRoute, verbOf, type Route } from "./routes.ts";

export interface KubeletServerOptions {
  readonly host: KubeletHost;
  /** PEM. */
  readonly tls: { readonly cert: string; readonly key: string };
  /** PEM of the CA that signs clients' certificates. */
  readonly clientCa: string;
  /** Of those who come without a certificate. Whom nobody knows is refused. */
  readonly authenticate: Authenticate;
  readonly authorize: Authorize;
  readonly clock: Clock;
  readonly log: Logger;
  /** 0 takes a free one; `address()` tells which. */
  readonly port: number;
  /** Default: every address. */
  readonly bindAddress?: string;
}

export interface KubeletServer extends Component {
  /** Resolves when the server listens; rejects when it cannot. Call once, before `run`. Returns the port. */
  listen(): Promise<number>;
}

const MAX_CONNECTIONS = 1_000;
/** A command stands in the URL, however long it is: what the API server lets through must come in, in whatever letters it is written anew. */
const MAX_HEAD_BYTES = 1024 * 1024;

/** The kubelet's HTTPS API: authenticated by client certificate or token and authorized for every path without exception; HTTP/1.1. */
export function newKubeletServer(options: KubeletServerOptions): KubeletServer {
  const { log, tls, clientCa } = options;
  const handlers = newHandlers(options);
  const server = createServer({ ...tls, ca: clientCa, requestCert: true, rejectUnauthorized: false, maxHeaderSize: MAX_HEAD_BYTES, minVersion: "TLSv1.2", ALPNProtocols: ["http/1.1"] });
  server.maxConnections = MAX_CONNECTIONS;
  server.on("request", (request, response) => void answer(options, handlers, request, response));
  server.on("upgrade", (request, socket, head) => void upgrade(options, handlers, request, socket, head));
  server.on("clientError", (_, socket) => socket.destroy());
  server.on("tlsClientError", (err) => log.debug({ err: err.message }, "TLS handshake failed"));
  return new Serving(server, options);
}

class Serving implements KubeletServer {
  readonly name = "kubelet-server";
  readonly #server: Server;
  readonly #options: KubeletServerOptions;
  readonly #sockets = new Set<Duplex>();

  constructor(server: Server, options: KubeletServerOptions) {
    this.#server = server;
    this.#options = options;
    server.on("secureConnection", (socket) => {
      this.#sockets.add(socket);
      socket.on("error", () => {}).once("close", () => this.#sockets.delete(socket));
    });
  }

  async listen(): Promise<number> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#server.once("error", reject);
    this.#server.listen({ port: this.#options.port, ...(this.#options.bindAddress !== undefined && { host: this.#options.bindAddress }) }, resolve);
    await promise;
    this.#server.off("error", reject);
    return (this.#server.address() as AddressInfo).port;
  }

  async run(signal: AbortSignal): Promise<void> {
    if (!this.#server.listening) await this.listen();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#server.once("error", reject);
    void untilAborted(signal).then(resolve);
    await promise;
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy(); // streams through an agent that stops are broken off; containers go on
  }
}

/** Checks who asks and whether they may; returns what they ask for. */
async function admit({ authorize, authenticate }: KubeletServerOptions, request: IncomingMessage): Promise<{ readonly route: Route; readonly query: URLSearchParams }> {
  const token = bearerOf(request.headers.authorization);
  const identity = identityOf(request.socket as TLSSocket) ?? (token === undefined ? undefined : await authenticate(token));
  if (identity === undefined) throw new HttpError(401, "Unauthorized");
  const url = new URL(request.url ?? "/", "https://kubelet");
  const route = parseRoute(url.pathname);
  const verb = verbOf(route.kind, request.method ?? "GET");
  if (!(await authorize(identity, verb, url.pathname))) throw new HttpError(403, `Forbidden (user=${identity.name}, verb=${verb}, resource=nodes, path=${url.pathname})`);
  return { route, query: url.searchParams };
}

async function answer(options: KubeletServerOptions, handlers: Handlers, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    request.resume(); // no path takes a body
    const { route, query } = await admit(options, request);
    await handlers.answer(route, query, response);
  } catch (err) {
    const { status, message } = asHttpError(err);
    if (status >= 500) options.log.warn({ path: pathOf(request), err: message }, "request failed");
    if (response.headersSent) response.destroy();
    else response.writeHead(status, { "content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff" }).end(message);
  }
}

async function upgrade(options: KubeletServerOptions, handlers: Handlers, request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
  const before = socket instanceof Object && "bytesWritten" in socket ? (socket as TLSSocket).bytesWritten : 0;
  try {
    const { route, query } = await admit(options, request);
    await handlers.upgrade(route, { request, query, socket, head });
  } catch (err) {
    const { status, message } = asHttpError(err);
    options.log.debug({ path: pathOf(request), status, err: message }, "stream refused or broken");
    if ((socket as TLSSocket).bytesWritten !== before) return void socket.destroy();
    const body = Buffer.from(message);
    refuseUpgrade(socket, `HTTP/1.1 ${status} ${status === 401 ? "Unauthorized" : "Refused"}\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n${message}`);
  }
}

/** Without the query: it may hold what a user typed into a command. */
const pathOf = (request: IncomingMessage): string => (request.url ?? "").split("?", 1)[0] ?? "";
