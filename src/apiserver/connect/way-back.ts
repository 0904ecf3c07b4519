/** Answers of a proxy whose redirects and links lead through it again, and nowhere past it. Upstream: apimachinery/pkg/util/proxy/transport.go */
import type { IncomingMessage } from "node:http";
import { pipeline } from "node:stream";
import { createGunzip } from "node:zlib";
import type { HttpRequest, HttpResponse } from "#base/http.ts";
import { relay } from "./backend.ts";
import { rewriteLinks } from "./links.ts";

/** Between what the client asked for and where it lies. */
export interface Way {
  /** The request's path up to `/proxy`, not decoded. */
  readonly prefix: string;
  readonly backend: URL;
  /** As which the client knows us. */
  readonly host: string | undefined;
  readonly method: string;
}

export function wayOf({ url, headers, method }: Pick<HttpRequest, "url" | "headers" | "method">, path: string, backend: URL): Way {
  const [asked = ""] = url.split("?");
  return { prefix: asked.slice(0, asked.length - path.length), backend, host: headers[":authority"] ?? headers["host"], method };
}

/** The link as it leads through the proxy: only what means the same host by a whole path is another. */
export function linkOf({ prefix, backend, host }: Way, link: string): string {
  const [, named, path] = /^(?:(?:https?:)?\/\/([^/?#]*))?(\/(?!\/)[^]*)$/i.exec(link) ?? [];
  if (path === undefined || (named !== undefined && named !== backend.host && named !== host)) return link;
  return path === prefix || path.startsWith(`${prefix}/`) ? path : `${prefix}${path}`;
}

/** Where a redirect leads, by way of the proxy; undefined for one that leads past it, which is not handed on. */
export function redirectOf({ prefix, backend, host }: Way, location: string): string | undefined {
  if (!URL.canParse(location, backend.href)) return undefined;
  const to = new URL(location, backend);
  if (!to.protocol.startsWith("http") || (to.host !== backend.host && to.host !== host)) return undefined;
  const path = to.pathname.startsWith(`${prefix}/`) ? to.pathname : `${prefix}${to.pathname}`;
  return `${path}${to.search}${to.hash}`;
}

const hopByHop: ReadonlySet<string> = new Set(["connection", "keep-alive", "proxy-authenticate", "te", "trailer", "transfer-encoding", "upgrade"]);

/** What came back, as the client may see it. */
export function comeBack(response: IncomingMessage, way: Way): HttpResponse {
  const { location, ...rest } = response.headers;
  const headers = Object.fromEntries(Object.entries(rest).filter(([name]) => !hopByHop.has(name)).map(([name, value]) => [name, String(value)]));
  if (location !== undefined) {
    const redirect = redirectOf(way, location);
    return relay(response, { ...headers, ...(redirect !== undefined && { location: redirect }) });
  }
  if (!isPage(response, way, headers)) return relay(response, headers);
  const { "content-length": _, "content-encoding": encoding, ...kept } = headers;
  const page: AsyncIterable<Uint8Array> = encoding === "gzip" ? pipeline(response, createGunzip(), () => {}) : response;
  return { ...relay(response, kept), body: rewriteLinks(page, (link) => linkOf(way, link)) };
}

/** HTML that can be read, and is there. */
const isPage = ({ statusCode }: IncomingMessage, { method }: Way, headers: Readonly<Record<string, string>>): boolean =>
  method !== "HEAD" && statusCode !== 204 && statusCode !== 304 && /^\s*text\/html\s*(?:;|$)/i.test(headers["content-type"] ?? "") && ["identity", "gzip"].includes(headers["content-encoding"] ?? "identity");
