import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { text } from "node:stream/consumers";
import { createWebSocketStream } from "ws";
import { responseHead, splice } from "#base/upgrade.ts";
import { acceptWebSocket, asksForWebSocket, offeredProtocols } from "#base/websocket.ts";
import { WebSocketChannels } from "#base/websocket-channels.ts";
import { HttpError } from "../http-error.ts";
import { parseCommandOptions, type CommandOptions } from "./command-options.ts";
import { parsePorts, servePorts } from "./port-forward.ts";
import { channels, chooseProtocol, commandProtocols, PORT_FORWARD_PROTOCOL, portForwardProtocols, TUNNEL_PROTOCOL } from "./protocols.ts";
import { openCommand, serveCommand } from "./remote-command.ts";
import { dialRuntime, openSession } from "./runtime-stream.ts";

/** A client's request to upgrade, with its connection. */
export interface Upgrade {
  readonly request: IncomingMessage;
  readonly query: URLSearchParams;
  readonly socket: Duplex;
  readonly head: Buffer;
}

/** The runtime's protocol for the outcome of a command: exit codes as causes of a Status. */
const RUNTIME_PROTOCOL = "v4.channel.k8s.io";

/** Exec and attach. @param prepare asks the runtime for the URL. Throws `HttpError` before the connection is upgraded; resolves when it is over. */
export async function upgradeCommand(upgrade: Upgrade, prepare: (options: CommandOptions) => Promise<string>): Promise<void> {
  const options = parseCommandOptions(upgrade.query);
  if (!asksForWebSocket(upgrade.request)) return await passThrough(upgrade, await prepare(options));
  const name = chosen(upgrade.request, commandProtocols);
  const protocol = commandProtocols[name] as (typeof commandProtocols)[string];
  const session = await openSession(await prepare(options), RUNTIME_PROTOCOL);
  try {
    const command = await openCommand(session, options);
    const ws = await acceptWebSocket(upgrade.request, upgrade.socket, upgrade.head, name);
    await serveCommand(command, new WebSocketChannels(ws, { base64: protocol.base64, ...(protocol.canClose && { closeChannel: channels.close }) }), protocol);
  } finally {
    session.close();
  }
}

/** Port-forward: kubectl's tunnel, channels, or SPDY itself. @param prepare as above */
export async function upgradePortForward(upgrade: Upgrade, prepare: (ports: readonly number[]) => Promise<string>): Promise<void> {
  const { request, socket, head, query } = upgrade;
  if (!asksForWebSocket(request)) return await passThrough(upgrade, await prepare([]));
  if (offeredProtocols(request).includes(TUNNEL_PROTOCOL)) return await tunnel(upgrade, await prepare([]));
  const name = chosen(request, portForwardProtocols);
  const ports = parsePorts(query);
  const session = await openSession(await prepare(ports), PORT_FORWARD_PROTOCOL);
  try {
    const ws = await acceptWebSocket(request, socket, head, name);
    await servePorts(session, new WebSocketChannels(ws, { base64: portForwardProtocols[name]?.base64 === true }), ports);
  } finally {
    session.close();
  }
}

function chosen(request: IncomingMessage, spoken: Readonly<Record<string, unknown>>): string {
  const name = chooseProtocol(offeredProtocols(request), spoken);
  if (name === undefined) throw new HttpError(403, `unable to negotiate a protocol: client supports ${JSON.stringify(offeredProtocols(request))}, server accepts ${JSON.stringify(Object.keys(spoken).filter((each) => each !== ""))}`);
  return name;
}

/** A client that speaks SPDY speaks it with the runtime: only bytes pass here, and only after the runtime has agreed. */
async function passThrough({ request, socket, head }: Upgrade, url: string): Promise<void> {
  if (request.headers.upgrade?.toLowerCase() !== "spdy/3.1") throw new HttpError(400, "unable to upgrade: missing upgrade headers in request");
  const answer = await dialRuntime(url, request.headersDistinct["x-stream-protocol-version"] ?? []);
  if (!answer.upgraded) throw new HttpError(answer.response.statusCode ?? 500, await text(answer.response));
  socket.write(responseHead(101, "Switching Protocols", answer.response.rawHeaders));
  if (head.length > 0) socket.unshift(head);
  await splice(socket, answer.socket);
}

async function tunnel({ request, socket, head }: Upgrade, url: string): Promise<void> {
  const answer = await dialRuntime(url, [PORT_FORWARD_PROTOCOL]);
  if (!answer.upgraded) throw new HttpError(answer.response.statusCode ?? 500, await text(answer.response));
  const ws = await acceptWebSocket(request, socket, head, TUNNEL_PROTOCOL).catch((err: unknown) => { answer.socket.destroy(); throw err; });
  const bytes = createWebSocketStream(ws, { highWaterMark: 64 * 1024 });
  await splice(bytes, answer.socket);
}
