import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer, type WebSocket } from "ws";

/** Larger messages end the connection. Clients of Kubernetes send 32 KiB at a time. */
const MAX_MESSAGE = 4 * 1024 * 1024;

/** What a handshake reads of a request. */
export type Handshake = Pick<IncomingMessage, "headers" | "method">;

/** The subprotocols that a client offers, in its order. */
export const offeredProtocols = (request: Handshake): readonly string[] =>
  (request.headers["sec-websocket-protocol"] ?? "").split(",").map((name) => name.trim()).filter((name) => name !== "");

/** True when the request asks for a WebSocket. */
export const asksForWebSocket = (request: Handshake): boolean => request.headers.upgrade?.toLowerCase() === "websocket";

/**
 * Finishes the handshake with the subprotocol that the caller chose among the offered; `""` names none.
 * `ws` refuses names with a slash, and Kubernetes has one (`SPDY/3.1+portforward.k8s.io`): so the header is hidden from it
 * and written by ourselves. Rejects when the request is no WebSocket handshake; the client has its answer then.
 */
export async function acceptWebSocket(request: Handshake, socket: Duplex, head: Buffer, protocol: string): Promise<WebSocket> {
  const server = new WebSocketServer({ noServer: true, clientTracking: false, maxPayload: MAX_MESSAGE, perMessageDeflate: false });
  delete request.headers["sec-websocket-protocol"];
  if (protocol !== "") server.on("headers", (headers) => headers.push(`Sec-WebSocket-Protocol: ${protocol}`));
  const { promise, resolve, reject } = Promise.withResolvers<WebSocket>();
  server.on("wsClientError", reject);
  socket.once("close", () => reject(new Error("connection closed during the handshake")));
  server.handleUpgrade(request as IncomingMessage, socket, head, resolve); // it reads headers and method
  const ws = await promise;
  ws.on("error", () => {}); // its close says enough
  return ws;
}
