/** Asking another server to change the protocol of a connection, and joining two connections. */
import { request as httpRequest, type IncomingMessage, type RequestOptions } from "node:http";
import { request as httpsRequest } from "node:https";
import type { Duplex } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ConnectionOptions } from "node:tls";

export interface UpgradeOptions {
  readonly url: URL;
  readonly method: string;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  /** For `https:`. */
  readonly tls?: Pick<ConnectionOptions, "ca" | "cert" | "key" | "servername" | "checkServerIdentity" | "rejectUnauthorized">;
  /** How long the other side may stay silent before it answered. Default 30 s. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** What the other side said: yes with the connection (what it sent early is put back), or an ordinary answer, not read yet. */
export type UpgradeAnswer =
  | { readonly upgraded: true; readonly response: IncomingMessage; readonly socket: Duplex }
  | { readonly upgraded: false; readonly response: IncomingMessage };

/** Sends a request to upgrade over a connection of its own; redirects are not followed. Rejects when the other side cannot be reached. */
export async function dialUpgrade({ url, method, headers, tls, timeoutMs = 30_000, signal }: UpgradeOptions): Promise<UpgradeAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<UpgradeAnswer>();
  const options = { method, headers: headers as NonNullable<RequestOptions["headers"]>, agent: false, timeout: timeoutMs, ...(signal && { signal }) };
  const request = url.protocol === "https:" ? httpsRequest(url, { ...options, ...tls }) : httpRequest(url, options);
  request.on("timeout", () => request.destroy(new Error(`no answer from ${url.host} within ${timeoutMs} ms`)));
  request.on("error", reject);
  request.on("response", (response) => resolve({ upgraded: false, response }));
  request.on("upgrade", (response, socket, head) => {
    socket.setTimeout(0);
    socket.setNoDelay(true);
    if (head.length > 0) socket.unshift(head);
    resolve({ upgraded: true, response, socket });
  });
  request.end();
  return await promise;
}

/** Joins two connections until either ends; what it had sent before is delivered. Resolves when both are closed, whatever the reason. */
export async function splice(a: Duplex, b: Duplex): Promise<void> {
  for (const side of [a, b]) side.setMaxListeners(0); // two pipelines listen to each
  await Promise.race([pipeline(a, b), pipeline(b, a)].map((way) => way.catch(() => {})));
  a.destroy();
  b.destroy();
}

/** The first lines of an HTTP/1.1 answer, as bytes go over a connection that no server keeps any more. @param rawHeaders names and values in turn */
export function responseHead(status: number, reason: string, rawHeaders: readonly string[]): string {
  const lines = [`HTTP/1.1 ${status} ${reason}`];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) lines.push(`${rawHeaders[i]}: ${rawHeaders[i + 1]}`);
  return `${lines.join("\r\n")}\r\n\r\n`;
}

/** How long a client that was refused may keep its half of the connection open. */
const lastWordsMs = 5_000;

/** Says no to a client that wanted the connection for itself. What it sent ahead is thrown away: unread, it would hold the connection open for ever. */
export function refuseUpgrade(socket: Duplex & { readonly setTimeout?: (ms: number, then: () => void) => unknown }, answer: Uint8Array | string): void {
  if (!socket.writable) return void socket.destroy();
  socket.setTimeout?.(lastWordsMs, () => socket.destroy());
  socket.end(answer);
  socket.resume();
}
