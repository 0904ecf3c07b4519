import { pipeline, Readable } from "node:stream";
import { constants, createGzip, gzip } from "node:zlib";
import { promisify } from "node:util";
import type { HttpRequest, HttpResponse } from "#base/http.ts";

/** Smaller answers go as they are. Upstream: responsewriters defaultGzipThresholdBytes, defaultGzipContentEncodingLevel */
const threshold = 128 * 1024;
const options = { level: constants.Z_BEST_SPEED } as const;
const zip = promisify(gzip) as (bytes: Uint8Array, options: { readonly level: number }) => Promise<Buffer>;

/** The same answer, packed where it is large and the client takes it. The work is done by other threads. */
export async function compressed({ headers }: HttpRequest, response: HttpResponse): Promise<HttpResponse> {
  const { body, status } = response;
  if (!acceptsGzip(headers["accept-encoding"]) || (body instanceof Uint8Array && body.length <= threshold)) return response;
  const packed = { ...response.headers, "content-encoding": "gzip", vary: "Accept-Encoding" };
  return { status, headers: packed, body: body instanceof Uint8Array ? await zip(body, options) : zipped(body) };
}

const acceptsGzip = (accept: string | undefined): boolean => accept?.split(",").some((token) => token.trim() === "gzip") ?? false;

/** A failure of the source ends the stream in the same way; a reader that leaves releases the source. */
function zipped(body: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  return pipeline(Readable.from(body, { objectMode: false }), createGzip(options), () => {});
}
