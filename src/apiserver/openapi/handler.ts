import { createHash } from "node:crypto";
import type { ApiSchema, TypeName } from "#apimachinery/schema.ts";
import { StatusError } from "#apimachinery/status.ts";
import type { HttpRequest, HttpResponse } from "#base/http.ts";
import type { AnyResource } from "../registry/resource.ts";
import type { Describe, GroupVersionKind } from "./definitions.ts";
import { rootOf } from "./paths.ts";
import { encodeV2 } from "./v2-proto.ts";
import { documentV2 } from "./v2.ts";
import { documentV3 } from "./v3.ts";

export interface OpenApiOptions {
  readonly kinds: readonly AnyResource[];
  readonly schema: ApiSchema;
  /** Shown in the documents: `v1.36.0`. */
  readonly version: string;
  readonly describe?: Describe;
}

interface Document { readonly bytes: Uint8Array; readonly type: string; readonly hash: string }
export type OpenApiHandler = (request: HttpRequest) => HttpResponse | undefined;

const protobufV2 = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";
const json = "application/json";

/**
 * Answers GET on `/openapi/v2`, `/openapi/v3` and `/openapi/v3/<group version>`; undefined for any other path.
 * Documents are built on the first request for them and kept as bytes. Throws a `StatusError` for an unknown format or document.
 */
export function openApiHandler(options: OpenApiOptions): OpenApiHandler {
  const documents = documentsOf(options);
  return (request) => {
    const path = request.url.split("?", 1)[0] ?? "";
    if (path === "/openapi/v2") return serve(request, documents(wantsProtobuf(request) ? "v2-proto" : "v2"));
    if (path === "/openapi/v3") return serve(request, documents("v3"));
    if (path.startsWith("/openapi/v3/")) return serve(request, documents(path.slice("/openapi/v3/".length)));
    return undefined;
  };
}

function wantsProtobuf({ headers }: HttpRequest): boolean {
  const accepted = (headers["accept"] ?? "*/*").split(",").map((type) => type.split(";")[0]?.trim() ?? "");
  const format = accepted.find((type) => type === json || type === "*/*" || type === "application/*" || type.startsWith("application/com.github.proto-openapi.spec.v2"));
  if (format === undefined) throw new StatusError("NotAcceptable", `only the following media types are accepted: ${json}, ${protobufV2}`);
  return format.startsWith("application/com.");
}

/** Builds each document once. */
function documentsOf(options: OpenApiOptions): (name: string) => Document {
  const built = new Map<string, Document>();
  const groups = Map.groupBy(options.kinds, ({ group, version }) => rootOf(group, version).slice(1));
  const definition = { schema: options.schema, kindsOf: kindsByType(options.kinds), describe: options.describe ?? ((): undefined => undefined) };
  const build = (name: string): Document => {
    if (name === "v2") return document(JSON.stringify(documentV2(options.kinds, options.version, definition)), json);
    if (name === "v2-proto") return document(encodeV2(documentV2(options.kinds, options.version, definition)), protobufV2);
    if (name === "v3") return document(JSON.stringify({ paths: Object.fromEntries([...groups.keys()].map((path) => [path, { serverRelativeURL: `/openapi/v3/${path}?hash=${get(path).hash}` }])) }), json);
    const resources = groups.get(name);
    if (resources === undefined) throw new StatusError("NotFound", "the server could not find the requested resource");
    return document(JSON.stringify(documentV3(resources, options.version, definition)), json);
  };
  const get = (name: string): Document => {
    const found = built.get(name) ?? build(name);
    built.set(name, found);
    return found;
  };
  return get;
}

/** Which kinds are served as a type, lists included. */
function kindsByType(kinds: readonly AnyResource[]): (type: TypeName) => readonly GroupVersionKind[] {
  const table = new Map<TypeName, GroupVersionKind[]>();
  for (const { group, version, kind, schema } of kinds) {
    table.set(schema, [{ group, version, kind }]);
    table.set(`${schema}List`, [{ group, version, kind: `${kind}List` }]);
  }
  return (type) => table.get(type) ?? [];
}

const document = (content: string | Uint8Array, type: string): Document => {
  const bytes = Buffer.from(content);
  return { bytes, type, hash: createHash("sha512").update(bytes).digest("hex").toUpperCase() };
};

function serve({ method, headers, url }: HttpRequest, { bytes, type, hash }: Document): HttpResponse {
  if (method !== "GET" && method !== "HEAD") throw new StatusError("MethodNotAllowed", "the server does not allow this method on the requested resource");
  const named = url.includes(`hash=${hash}`); // a document named by its hash never changes
  const common = { etag: `"${hash}"`, vary: "Accept", ...(named && { "cache-control": "public, immutable" }) };
  if (headers["if-none-match"]?.includes(hash)) return { status: 304, headers: common, body: new Uint8Array() };
  return { status: 200, headers: { ...common, "content-type": type.replace("@", ".") }, body: bytes }; // old clients cannot read a media type with an at sign
}
