/** Plain HTTPS requests, so that a test sees what is on the wire. */
import https, { type Agent } from "node:https";
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";

export interface HttpsOptions { readonly port: number; readonly ca: string; readonly cert?: string; readonly key?: string }

export interface Asked {
  readonly body?: unknown;
  /** Of the body; JSON where left out. */
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly signal?: AbortSignal;
}
export interface Answer { readonly status: number; readonly headers: IncomingHttpHeaders; readonly text: string }

export interface Https {
  readonly agent: Agent;
  /** A string or bytes go as they are, everything else as JSON. */
  (method: string, path: string, asked?: Asked): Promise<Answer>;
  /** The answer as it begins; its body has not been read. */
  open(method: string, path: string, asked?: Asked): Promise<IncomingMessage>;
  /** The answer's JSON, whatever its status. */
  json<T = Record<string, unknown>>(method: string, path: string, asked?: Asked): Promise<T>;
  /** Sends the head and half of the body; `finish` sends the rest and resolves with the answer. */
  begin(method: string, path: string, body: string): Promise<{ readonly finish: () => Promise<Answer> }>;
  close(): void;
}

export function newHttps({ port, ca, cert, key }: HttpsOptions): Https {
  const agent = new https.Agent({ keepAlive: true, ca, ...(cert !== undefined && { cert }), ...(key !== undefined && { key }), maxSockets: 2048 });
  const open: Https["open"] = (method, path, { body, type, headers = {}, signal } = {}) => {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const bytes = body === undefined || typeof body === "string" || body instanceof Uint8Array ? body : JSON.stringify(body);
    const request = https.request({
      agent, port, host: "127.0.0.1", method, path, ...(signal && { signal }),
      headers: { ...(bytes !== undefined && { "content-type": type ?? "application/json", "content-length": Buffer.byteLength(bytes) }), ...headers } as Record<string, string>,
    }, resolve);
    request.on("error", reject);
    request.end(bytes);
    return promise;
  };
  const ask = async (method: string, path: string, asked?: Asked): Promise<Answer> => {
    const message = await open(method, path, asked);
    return { status: message.statusCode ?? 0, headers: message.headers, text: await textOf(message) };
  };
  const json = async <T>(method: string, path: string, asked?: Asked): Promise<T> => {
    const { text } = await ask(method, path, asked);
    return JSON.parse(text) as T;
  };
  const begin: Https["begin"] = async (method, path, body) => {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const request = https.request({ agent, port, host: "127.0.0.1", method, path, headers: { "content-type": "application/json", "content-length": Buffer.byteLength(body) } }, resolve);
    request.on("error", reject);
    const half = Math.floor(body.length / 2);
    await new Promise<void>((sent) => request.write(body.slice(0, half), () => sent()));
    return {
      async finish() {
        request.end(body.slice(half));
        const message = await promise;
        return { status: message.statusCode ?? 0, headers: message.headers, text: await textOf(message) };
      },
    };
  };
  return Object.assign(ask, { begin, agent, open, json, close: () => agent.destroy() });
}

/** The whole body. */
export async function bytesOf(message: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of message) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

export const textOf = async (message: IncomingMessage): Promise<string> => (await bytesOf(message)).toString();
