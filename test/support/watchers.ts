/** Who follows a resource over a connection of his own: one who reads, and one who does not. */
import { once } from "node:events";
import http2 from "node:http2";
import tls from "node:tls";
import { pause } from "#base/waiting.ts";
import type { Https } from "./https.ts";

export interface Address { readonly port: number; readonly ca: string; readonly cert: string; readonly key: string }

/** The time in ms, the same for all processes of this machine. */
export const clockMs = (): number => performance.timeOrigin + performance.now();

/** An event says by this mark when it was sent. */
export const sentAt = (): string => `sent-at=${clockMs().toFixed(3)};`;
const mark = /sent-at=([0-9.]+);/;
const newest = /"resourceVersion":"(\d+)"/;

const secured = ({ port, ca, cert, key }: Address, protocol: string): tls.ConnectionOptions => ({ host: "127.0.0.1", servername: "localhost", port, ca, cert, key, ALPNProtocols: [protocol] });

export interface Reading { readonly sample: number[]; readonly seen: { events: number; cut: number } }

/** Reads all there is of a collection, and notes how long each event was on its way. Comes back from where it was when it is cut. Ends with the signal. */
export function readingWatcher(https: Https, collection: string, from: string, signal: AbortSignal): Reading {
  const reading: Reading = { sample: [], seen: { events: 0, cut: 0 } };
  const follow = async (): Promise<void> => {
    for (let revision = from; !signal.aborted; reading.seen.cut++) {
      const message = await https.open("GET", `${collection}?watch=1&resourceVersion=${revision}`, { signal });
      try {
        for await (const line of linesOf(message)) {
          reading.sample.push(clockMs() - Number(mark.exec(line)?.[1]));
          reading.seen.events++;
          revision = newest.exec(line)?.[1] ?? revision;
        }
      } catch {
        // cut; whoever has gone away for good is noticed when it is asked again
      }
    }
  };
  follow().catch((err: unknown) => { if (!signal.aborted) throw err; });
  return reading;
}

async function* linesOf(message: AsyncIterable<unknown>): AsyncGenerator<string> {
  let pieces: Buffer[] = [];
  for await (const piece of message) {
    let rest = piece as Buffer;
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      yield Buffer.concat([...pieces, rest.subarray(0, end)]).toString("latin1");
      [pieces, rest] = [[], rest.subarray(end + 1)];
    }
    pieces.push(rest);
  }
}

/** Asks for a watch and never reads: every other one over HTTP/2, ten of those to a connection. Resolves when all are under way. */
export async function silentWatchers(address: Address, paths: readonly string[]): Promise<{ close(): void }> {
  const sockets: tls.TLSSocket[] = [];
  const sessions: http2.ClientHttp2Session[] = [];
  for (const [i, path] of paths.entries()) {
    if (i % 2 === 0) {
      const socket = tls.connect(secured(address, "http/1.1")).on("error", () => {});
      await once(socket, "secureConnect");
      socket.pause().write(`GET ${path} HTTP/1.1\r\nhost: localhost\r\n\r\n`);
      sockets.push(socket);
      continue;
    }
    if (i % 20 === 1) sessions.push(http2.connect(`https://localhost:${address.port}`, { createConnection: () => tls.connect(secured(address, "h2")) }).on("error", () => {}));
    sessions.at(-1)?.request({ ":path": path }).on("error", () => {});
  }
  await pause(300);
  return { close() { for (const each of [...sockets, ...sessions]) each.destroy(); } };
}
