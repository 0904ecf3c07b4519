import http2, { type IncomingHttpHeaders, type ServerHttp2Stream } from "node:http2";
import type { HttpHandler, HttpRequest, HttpResponse } from "#base/http.ts";
import type { Logger } from "#base/log.ts";
import { bodyOf, nothing } from "./body-of.ts";
import { goneSignal } from "./left.ts";
import type { Peer } from "./identity.ts";
import { writeAll } from "./write-all.ts";

const { HTTP2_HEADER_METHOD, HTTP2_HEADER_PATH, NGHTTP2_INTERNAL_ERROR, NGHTTP2_NO_ERROR } = http2.constants;

/** Bytes of an unread body that are still taken after the answer. */
const mostDiscarded = 1024 * 1024;

/** One HTTP/2 stream from its head to its end. */
export function serveHttp2(deps: { readonly handler: HttpHandler; readonly log: Logger }, peer: Peer, stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
  let gone: AbortSignal | undefined;
  const request: HttpRequest = {
    method: String(headers[HTTP2_HEADER_METHOD] ?? "GET"), url: String(headers[HTTP2_HEADER_PATH] ?? "/"),
    headers: headers as Record<string, string | undefined>, body: stream.endAfterHeaders ? nothing : bodyOf(stream), ...peer,
    get signal() { return (gone ??= goneSignal(stream)); },
  };
  deps.handler(request).then((response) => respond(stream, response)).catch((err: unknown) => {
    deps.log.debug({ err }, "an answer was cut off");
    if (!stream.closed) stream.close(NGHTTP2_INTERNAL_ERROR);
  });
}

async function respond(stream: ServerHttp2Stream, { status, headers, body, cut }: HttpResponse): Promise<void> {
  if (stream.closed || stream.destroyed) return await discard(body);
  if (body instanceof Uint8Array) {
    stream.respond({ ":status": status, ...headers, "content-length": body.byteLength });
    stream.end(body);
  } else {
    stream.respond({ ":status": status, ...headers });
    await writeAll(stream, body, cut);
    stream.end();
  }
  if (!stream.endAfterHeaders && !stream.readableEnded) drain(stream);
}

/** What nobody read of a request's body is thrown away; one that goes on for long is cut. */
function drain(stream: ServerHttp2Stream): void {
  let spare = mostDiscarded;
  stream.on("data", (chunk: Buffer) => {
    spare -= chunk.length;
    if (spare < 0 && !stream.closed) stream.close(NGHTTP2_NO_ERROR);
  });
}

/** Ends a stream that nobody reads, so that what feeds it is released. */
async function discard(body: HttpResponse["body"]): Promise<void> {
  if (!(body instanceof Uint8Array)) await body[Symbol.asyncIterator]().return?.();
}
