import http2, { type ClientHttp2Stream, type IncomingHttpHeaders } from "node:http2";
import { bodyPieces } from "./body-pieces.ts";
import { ConnectionPool, type PoolOptions } from "./connection-pool.ts";
import { TransportError, type ClosableTransport, type TransportRequest, type TransportResponse } from "./transport.ts";

export interface HttpsOptions extends PoolOptions {
  /** Sent as `Authorization: Bearer`; a function is asked for every request. */
  readonly token?: string | (() => string);
  readonly userAgent?: string;
}

/**
 * Speaks HTTP/2 over TLS with any Kubernetes API server. Connections are shared, kept alive, checked by
 * pings and replaced when they break; a request that surely did not reach the server is sent once more.
 */
export function httpsTransport(options: HttpsOptions): ClosableTransport {
  const pool = new ConnectionPool(options);
  const fixed = { "user-agent": options.userAgent ?? "seedpod" };
  const send = async (request: TransportRequest): Promise<TransportResponse> => {
    const headers = { ...fixed, ...authorization(options.token), ...request.headers };
    try {
      return await exchange(pool, request, headers);
    } catch (err) {
      if (!(err instanceof TransportError) || !(request.method === "GET" || !err.sent) || request.signal?.aborted === true || pool.closed) throw err;
      return exchange(pool, request, headers);
    }
  };
  return Object.assign(send, { close: () => pool.close() });
}

const authorization = (token: HttpsOptions["token"]): Record<string, string> =>
  token === undefined ? {} : { authorization: `Bearer ${typeof token === "string" ? token : token()}` };

async function exchange(pool: ConnectionPool, { method, path, body, signal }: TransportRequest, headers: Record<string, string>): Promise<TransportResponse> {
  const stream = await pool.request(
    { ...headers, ":method": method, ":path": path, ...(body && { "content-length": body.byteLength }) },
    { endStream: body === undefined, ...(signal && { signal }) },
  );
  const { promise, resolve, reject } = Promise.withResolvers<TransportResponse>();
  let cause: unknown;
  stream.on("response", (answer) => resolve({ status: Number(answer[":status"]), headers: plain(answer), body: bodyPieces(stream, signal) }));
  stream.on("error", (err) => { cause = err; });
  stream.on("close", () => reject(signal?.aborted === true ? signal.reason : noAnswer(stream, cause)));
  if (body !== undefined) stream.end(body);
  return promise;
}

const noAnswer = (stream: ClientHttp2Stream, cause: unknown): TransportError =>
  new TransportError(`no answer from the server${cause instanceof Error ? `: ${cause.message}` : ""}`, { cause, sent: stream.rstCode !== http2.constants.NGHTTP2_REFUSED_STREAM });

const plain = (headers: IncomingHttpHeaders): Record<string, string | undefined> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : value]));
