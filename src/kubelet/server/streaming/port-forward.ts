import { pipeline } from "node:stream/promises";
import { text } from "node:stream/consumers";
import type { SpdySession } from "#base/spdy/session.ts";
import type { WebSocketChannels } from "#base/websocket-channels.ts";
import { HttpError } from "../http-error.ts";

const MAX_PORTS = 64;

/** The ports of the query, each once per mention, separated by commas or repeated. Upstream: kubelet/pkg/cri/streaming/portforward NewV4Options */
export function parsePorts(query: URLSearchParams): readonly number[] {
  const texts = [...query.getAll("port"), ...query.getAll("ports")].flatMap((each) => each.split(","));
  if (texts.length === 0) throw new HttpError(400, 'query parameter "port" is required');
  if (texts.length > MAX_PORTS) throw new HttpError(400, `no more than ${MAX_PORTS} ports`);
  return texts.map((each) => {
    const port = Number(each);
    if (!/^\d{1,5}$/.test(each) || port < 1 || port > 65_535) throw new HttpError(400, `unable to parse "${each}" as a port`);
    return port;
  });
}

/** Serves ports over channels: 2n for the n-th port's data, 2n+1 for its error; the first message of each is the port, two bytes, least first. */
export async function servePorts(session: SpdySession, client: WebSocketChannels, ports: readonly number[]): Promise<void> {
  const forwards = ports.map((port, i) => servePort(session, client, port, i));
  await Promise.race([Promise.all(forwards), client.closed]);
  await client.close();
}

async function servePort(session: SpdySession, client: WebSocketChannels, port: number, index: number): Promise<void> {
  const [dataChannel, errorChannel] = [index * 2, index * 2 + 1];
  const greeting = Buffer.of(port & 0xff, port >> 8);
  client.send(dataChannel, greeting);
  client.send(errorChannel, greeting);
  const headers = (streamtype: string): ReadonlyMap<string, string> => new Map([["streamtype", streamtype], ["port", String(port)], ["requestid", String(index)]]);
  const error = session.open(headers("error"));
  const data = session.open(headers("data"));
  for (const stream of [error, data]) stream.on("error", () => {});
  error.end();
  const failed = text(error).then((words) => { if (words !== "") client.send(errorChannel, Buffer.from(words)); }, () => {});
  void pipeline(client.input(dataChannel), data).catch(() => {});
  await Promise.all([failed, pipeline(data, client.output(dataChannel)).catch(() => {})]);
}
