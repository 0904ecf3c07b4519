/**
 * A client as thin as Node allows: one HTTP/2 connection, bytes in and bytes out, nothing parsed. It speaks with any API
 * server, and shares its two cores with it: what it takes itself is measured beside what the server takes.
 */
import http2, { type ClientHttp2Session } from "node:http2";
import { loadKubeconfig } from "#client/kubeconfig.ts";

export interface Answer { readonly status: number; readonly text: string }

/** Streams of one connection that a server must grant (both do). */
const streamsPerSession = 100;

export class LoadClient {
  readonly #connect: () => ClientHttp2Session;
  readonly #sessions: ClientHttp2Session[] = [];
  readonly #headers: Readonly<Record<string, string>>;

  private constructor(connect: () => ClientHttp2Session, headers: Readonly<Record<string, string>>) {
    this.#connect = connect;
    this.#headers = headers;
    this.#sessions.push(connect());
  }

  static async of(kubeconfig: string): Promise<LoadClient> {
    const { server, ca, cert, key, token } = await loadKubeconfig(kubeconfig);
    const connect = (): ClientHttp2Session => {
      const session = http2.connect(server, { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }), settings: { initialWindowSize: 16 << 20 } });
      session.on("connect", () => session.setLocalWindowSize(64 << 20));
      return session;
    };
    return new LoadClient(connect, typeof token === "string" ? { authorization: `Bearer ${token}` } : {});
  }

  /** One request and its whole answer. Throws for a refusal. */
  call(method: string, path: string, body?: string, type = "application/json"): Promise<Answer> {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const stream = (this.#sessions[0] as ClientHttp2Session).request({ ":method": method, ":path": path, accept: "application/json", ...(body && { "content-type": type }), ...this.#headers });
    let status = 0;
    const pieces: Buffer[] = [];
    stream.on("response", (headers) => { status = headers[":status"] ?? 0; });
    stream.on("data", (piece: Buffer) => pieces.push(piece));
    stream.on("error", reject);
    stream.on("end", () => {
      if (status >= 300) reject(new Error(`${method} ${path}: ${status} ${Buffer.concat(pieces).toString()}`));
      else resolve({ status, get text() { return Buffer.concat(pieces).toString(); } });
    });
    stream.end(body);
    return promise;
  }

  /** Follows a watch by `index`; a hundred of them share a connection of their own. Returns how to stop. */
  follow(index: number, path: string, onLine: (line: string) => void): () => void {
    const at = 1 + Math.floor(index / streamsPerSession);
    const session = (this.#sessions[at] ??= this.#connect());
    const stream = session.request({ ":path": path, accept: "application/json", ...this.#headers });
    let rest = "";
    stream.setEncoding("utf8");
    stream.on("error", () => {}); // it is stopped by cutting it
    stream.on("data", (text: string) => {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      lines.forEach(onLine);
    });
    return () => stream.close(http2.constants.NGHTTP2_CANCEL);
  }

  /** Processor time that the server's process has taken so far, in milliseconds. */
  async serverCpuMs(): Promise<number> {
    const { text } = await this.call("GET", "/metrics");
    return 1000 * Number(/^process_cpu_seconds_total (\S+)$/m.exec(text)?.[1]);
  }

  close(): void {
    for (const session of this.#sessions) session.destroy();
  }
}
