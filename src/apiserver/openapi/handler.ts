import { StatusError } from "#apimachinery/status.ts";
import type { HttpRequest, HttpResponse } from "#base/http.ts";
import { Documents, json, protobufV2, type Document, type OpenApiOptions } from "./documents.ts";

export type OpenApiHandler = (request: HttpRequest) => HttpResponse | undefined;

/**
 * Answers GET on `/openapi/v2`, `/openapi/v3` and `/openapi/v3/<group version>`; undefined for any other path.
 * Documents are built on the first request for them and kept as bytes. Throws a `StatusError` for an unknown format or document.
 */
export function openApiHandler(options: OpenApiOptions): OpenApiHandler {
  const documents = new Documents(options);
  return (request) => {
    const path = request.url.split("?", 1)[0] ?? "";
    if (path === "/openapi/v2") return serve(request, documents.get(wantsProtobuf(request) ? "v2-proto" : "v2"));
    if (path === "/openapi/v3") return serve(request, documents.get("v3"));
    if (path.startsWith("/openapi/v3/")) return serve(request, documents.get(path.slice("/openapi/v3/".length)));
    return undefined;
  };
}

function wantsProtobuf({ headers }: HttpRequest): boolean {
  const accepted = (headers["accept"] ?? "*/*").split(",").map((type) => type.split(";")[0]?.trim() ?? "");
  const format = accepted.find((type) => type === json || type === "*/*" || type === "application/*" || type.startsWith("application/com.github.proto-openapi.spec.v2"));
  if (format === undefined) throw new StatusError("NotAcceptable", `only the following media types are accepted: ${json}, ${protobufV2}`);
  return format.startsWith("application/com.");
}

function serve({ method, headers, url }: HttpRequest, { bytes, type, hash }: Document): HttpResponse {
  if (method !== "GET" && method !== "HEAD") throw new StatusError("MethodNotAllowed", "the server does not allow this method on the requested resource");
  const named = url.includes(`hash=${hash}`); // a document named by its hash never changes
  const common = { etag: `"${hash}"`, vary: "Accept", ...(named && { "cache-control": "public, immutable" }) };
  if (headers["if-none-match"]?.includes(hash)) return { status: 304, headers: common, body: new Uint8Array() };
  return { status: 200, headers: { ...common, "content-type": type.replace("@", ".") }, body: bytes }; // old clients cannot read a media type with an at sign
}
