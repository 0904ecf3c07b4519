import { STATUS_CODES, type IncomingMessage, type ServerResponse } from "node:http";
import type { Duplex, Writable } from "node:stream";
import type { HttpHandler, HttpRequest } from "#base/http.ts";
import type { Logger } from "#base/log.ts";
import { refuseUpgrade } from "#base/upgrade.ts";
import { statusResponse } from "../filters/responses.ts";
import { bodyOf } from "./body-of.ts";
import type { Peer } from "./identity.ts";
import { goneSignal } from "./left.ts";
import { writeAll } from "./write-all.ts";

/** One HTTP/1.1 request and its answer. */
export function serveHttp1(deps: { readonly handler: HttpHandler; readonly log: Logger }, peer: Peer, message: IncomingMessage, response: ServerResponse): void {
  message.on("error", () => {}); // "close" follows
  response.on("error", () => {});
  answer(deps.handler, requestOf(message, peer, response), response).catch((err: unknown) => {
    deps.log.debug({ err }, "an answer was cut off");
    response.destroy();
  });
}

async function answer(handler: HttpHandler, request: HttpRequest, response: ServerResponse): Promise<void> {
  const { status, headers, body, cut } = await handler(request);
  if (body instanceof Uint8Array) {
    response.writeHead(status, { ...headers, "content-length": body.byteLength }).end(body);
    return;
  }
  response.writeHead(status, headers);
  response.flushHeaders();
  await writeAll(response, body, cut);
  response.end();
}

/** A request that wants the connection for itself. What refuses it is written as an ordinary answer. */
export function serveUpgrade(deps: { readonly upgrade: (request: HttpRequest, socket: Duplex, head: Buffer) => Promise<void> }, peer: Peer, message: IncomingMessage, socket: Duplex, head: Buffer): void {
  socket.on("error", () => socket.destroy());
  deps.upgrade(requestOf(message, peer, socket), socket, head).catch((err: unknown) => {
    const { status, headers, body } = statusResponse(err);
    const lines = Object.entries({ ...headers, "content-length": String((body as Uint8Array).byteLength), connection: "close" }).map(([name, value]) => `${name}: ${value}\r\n`);
    refuseUpgrade(socket, Buffer.concat([Buffer.from(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}\r\n${lines.join("")}\r\n`), body as Uint8Array]));
  });
}

/** @param kept closes when the client has left */
function requestOf(message: IncomingMessage, peer: Peer, kept: Writable): HttpRequest {
  let gone: AbortSignal | undefined;
  return {
    method: message.method ?? "GET", url: message.url ?? "/", headers: message.headers as Record<string, string | undefined>, body: bodyOf(message),
    ...peer, ...(message.socket.remoteAddress !== undefined && { remoteAddress: message.socket.remoteAddress }),
    get signal() { return (gone ??= goneSignal(kept)); },
  };
}
