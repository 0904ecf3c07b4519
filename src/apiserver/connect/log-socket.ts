import type { Duplex } from "node:stream";
import { badRequest } from "#apimachinery/status.ts";
import type { HttpResponse } from "#base/http.ts";
import { acceptWebSocket, asksForWebSocket, offeredProtocols } from "#base/websocket.ts";
import type { UpgradeRequest } from "./connect.ts";

const binary = "binary.k8s.io";
const base64 = "base64.binary.k8s.io";

/**
 * An answer's body as messages of a WebSocket, which browsers read logs by. Throws before the handshake; resolves when
 * all is sent or the client has gone. Upstream: apimachinery/pkg/util/httpstream/wsstream/stream.go
 */
export async function sendOverWebSocket({ body }: HttpResponse, request: UpgradeRequest, socket: Duplex, head: Uint8Array): Promise<void> {
  const handshake = { method: request.method, headers: { ...request.headers } };
  if (!asksForWebSocket(handshake)) throw badRequest("this stream can be upgraded to a WebSocket only");
  const offered = offeredProtocols(handshake);
  const protocol = offered.length === 0 ? "" : offered.find((name) => name === binary || name === base64 || name === "");
  if (protocol === undefined) throw badRequest(`requested protocol(s) are not supported: ${JSON.stringify(offered)}; supports ${JSON.stringify(["", binary, base64])}`);
  const ws = await acceptWebSocket(handshake, socket, Buffer.from(head), protocol);
  const pieces = body instanceof Uint8Array ? [body] : body;
  try {
    for await (const piece of pieces) {
      if (ws.readyState !== ws.OPEN) return;
      const message = protocol === base64 ? Buffer.from(piece).toString("base64") : piece;
      await new Promise<void>((resolve) => { ws.send(message, () => resolve()); }); // the next piece waits for a slow reader
    }
  } finally {
    ws.close(1000);
  }
}
