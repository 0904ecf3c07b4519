import { StatusError } from "#apimachinery/status.ts";
import type { HttpRequest, HttpResponse } from "#base/http.ts";
import { Documents, type Document, type OpenApiOptions } from "./documents.ts";
import { jsonFormat } from "./format.ts";
import { protobufV2 } from "./v2-proto.ts";

export type OpenApiHandler = (request: HttpRequest) => Promise<HttpResponse | undefined>;

/**
 * Answers GET on `/openapi/v2`, `/openapi/v3` and `/openapi/v3/<group version>`; undefined for any other path.
 * Documents are built on the first request for them, in turns with other requests, and kept as bytes. Throws a `StatusError` for an unknown format or document.
 */
export function openApiHandler(options: OpenApiOptions): OpenApiHandler {
  const documents = new Documents(options);
  return async (request) => {
    const path = request.url.split("?", 1)[0] ?? "";
    if (path === "/openapi/v2") return serve(request, await documents.get(wantsProtobuf(request) ? "v2-proto" : "v2"));
    if (path === "/openapi/v3") return serve(request, await documents.get("v3"));
    if (path.startsWith("/openapi/v3/")) return serve(request, await documents.get(path.slice("/openapi/v3/".length)));
    return undefined;
  };
}

const json = jsonFormat.mediaType;

function wantsProtobuf({ headers }: HttpRequest): boolean {
  const accepted = (headers["accept"] ?? "*/*").split(",").map((type) => type.split(";")[0]?.trim() ?? "");
  const format = accepted.find((type) => type === json || type === "*/*" || type === "application/*" || type.startsWith("application/com.github.proto-openapi.spec.v2"));
  if (format === undefined) throw new StatusError("NotAcceptable", `only the following media types are accepted: ${json}, ${protobufV2}`);
  return format.startsWith("application/com.");
}

function serve({ method, headers, url }: HttpRequest, { pieces, mediaType, hash }: Document): HttpResponse {
  if (method !== "GET" && method !== "HEAD") throw new StatusError("MethodNotAllowed", "the server does not allow this method on the requested resource");
  const named = url.includes(`hash=${hash}`); // a document named by its hash never changes
  const common = { etag: `"${hash}"`, vary: "Accept", ...(named && { "cache-control": "public, immutable" }) };
  if (headers["if-none-match"]?.includes(hash)) return { status: 304, headers: common, body: new Uint8Array() };
  return { status: 200, headers: { ...common, "content-type": mediaType.replace("@", ".") }, body: pieces.length > 1 ? inPieces(pieces) : pieces[0] ?? new Uint8Array() }; // old clients cannot read a media type with an at sign
}

/** A document of all custom kinds may have tens of megabytes, which nobody puts in one buffer. */
async function* inPieces(pieces: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* pieces;
}
