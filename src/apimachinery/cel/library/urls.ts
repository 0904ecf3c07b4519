/** Absolute URLs and absolute paths, as Go's net/url reads them. Upstream: apiserver/pkg/cel/library/urls.go */
import { flat, traverse } from "../call-costs.ts";
import { JsonMap, type MapValue } from "../containers.ts";
import { overload, type Overload } from "../declarations.ts";
import { fromJson } from "../json-values.ts";
import { setOwn } from "../../records.ts";
import { CelError, Opaque } from "../values.ts";

interface Url { readonly text: string; readonly scheme: string; readonly host: string; readonly path: string; readonly query: string }

const shape = /^(?:([a-zA-Z][a-zA-Z0-9+.-]*):(\/\/([^/?]*))?)?([^?]*)(?:\?(.*))?$/s;
const badEscape = /%(?![0-9a-fA-F]{2})/;

function parse(text: string): Opaque<Url> | CelError {
  const failed = (why: string): CelError => new CelError(`URL parse error during conversion from string: parse ${JSON.stringify(text)}: ${why}`);
  // eslint-disable-next-line no-control-regex
  if (/[\x00-\x1f\x7f]/.test(text)) return failed("net/url: invalid control character in URL");
  const [, scheme = "", authority, rawHost = "", path = "", query = ""] = shape.exec(text) ?? [];
  if (text === "") return failed("empty url");
  if (scheme === "" && !text.startsWith("/")) return failed("invalid URI for request");
  if (authority === undefined && !path.startsWith("/")) return failed("invalid URI for request");
  if (badEscape.test(path)) return failed(`invalid URL escape ${JSON.stringify(path.slice(path.search(badEscape), path.search(badEscape) + 3))}`);
  const host = rawHost.slice(rawHost.lastIndexOf("@") + 1);
  if (!validHost(host)) return failed(`invalid character in host name`);
  return new Opaque("kubernetes.URL", { text, scheme: scheme.toLowerCase(), host, path: escaped(path), query }, (a, b) => a.text === b.text);
}

/** Name or bracketed address, and a port of digits. */
const validHost = (host: string): boolean => /^(?:\[[0-9a-fA-F:.%]*\]|[^\s<>"[\]:]*)(?::\d*)?$/.test(host);
const escaped = (path: string): string => path.replace(/[^A-Za-z0-9\-._~!$&'()*+,;=:@/%[\]]/gu, (c) => encodeURIComponent(c));

const portAt = (host: string): number => (/:\d*$/.test(host) ? host.lastIndexOf(":") : host.length);
const hostname = ({ payload: { host } }: Opaque<Url>): string => host.slice(0, portAt(host)).replace(/^\[(.*)\]$/, "$1");

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return undefined;
  }
}

/** Pairs that cannot be read are left out, as Go's Query does. */
function query({ payload }: Opaque<Url>): MapValue {
  const values: Record<string, string[]> = {};
  for (const pair of payload.query.split("&")) {
    const cut = pair.includes("=") ? pair.indexOf("=") : pair.length;
    const key = decoded(pair.slice(0, cut));
    const value = decoded(pair.slice(cut + 1));
    if (pair === "" || pair.includes(";") || key === undefined || value === undefined) continue;
    setOwn(values, key, [...(Object.hasOwn(values, key) ? values[key] ?? [] : []), value]);
  }
  return new JsonMap(values, fromJson);
}

const type = "kubernetes.URL";

export const urlLibrary: readonly Overload[] = [
  overload(`url(string) -> ${type}`, parse, traverse(0)),
  overload("isURL(string) -> bool", (text: string) => !(parse(text) instanceof CelError), flat(1)),
  overload(`${type}.getScheme() -> string`, (url: Opaque<Url>) => url.payload.scheme),
  overload(`${type}.getHost() -> string`, (url: Opaque<Url>) => url.payload.host),
  overload(`${type}.getHostname() -> string`, hostname),
  overload(`${type}.getPort() -> string`, ({ payload: { host } }: Opaque<Url>) => host.slice(portAt(host) + 1)),
  overload(`${type}.getEscapedPath() -> string`, (url: Opaque<Url>) => url.payload.path),
  overload(`${type}.getQuery() -> map(string, list(string))`, query),
];
