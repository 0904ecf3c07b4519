import { createGunzip } from "node:zlib";
import type { HttpRequest } from "#base/http.ts";
import { badRequest, StatusError } from "#apimachinery/status.ts";

/** The most that a request may carry, counted after decompression. Upstream: server.Config MaxRequestBodyBytes */
const maxBodyBytes: number = 3 * 1024 * 1024;

/** The whole body, unpacked. Throws 413 as soon as it is too large, without reading on; BadRequest for broken gzip. */
export async function readBody({ headers, body }: HttpRequest): Promise<Buffer> {
  const encoding = headers["content-encoding"] ?? "identity";
  if (encoding === "identity") return await collect(body);
  if (encoding !== "gzip") throw new StatusError("UnsupportedMediaType", `the body of the request was in an unknown encoding ${JSON.stringify(encoding)}`);
  return await collect(unpacked(body));
}

async function collect(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of body) {
    size += piece.length;
    if (size > maxBodyBytes) throw new StatusError("RequestEntityTooLarge", `Request entity too large: limit is ${maxBodyBytes}`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

/** Piece by piece, each taken before the next is unpacked: a small bomb never becomes a large buffer. */
async function* unpacked(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip();
  const feeding = (async () => {
    for await (const piece of body) {
      if (!gunzip.write(piece)) await new Promise<void>((resolve) => gunzip.once("drain", resolve).once("close", resolve));
      if (gunzip.destroyed) return;
    }
    gunzip.end();
  })();
  feeding.catch((err: unknown) => gunzip.destroy(err instanceof Error ? err : new Error("the body ended early")));
  try {
    for await (const piece of gunzip) yield piece as Uint8Array;
  } catch (err) {
    if (err instanceof StatusError) throw err;
    throw badRequest("the body of the request is not well compressed");
  } finally {
    gunzip.destroy();
  }
}
