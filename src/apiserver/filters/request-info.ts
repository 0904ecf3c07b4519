import { badRequest, methodNotAllowed, StatusError } from "#apimachinery/status.ts";
import { parseFieldSelector } from "#apimachinery/field-selector.ts";
import { forcedCreate, isTrue } from "./connect-verbs.ts";

/** What a URL asks for. Upstream: apiserver/pkg/endpoints/request/requestinfo.go */
export interface RequestInfo {
  /** As it came, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** For resources upstream's verb (`get`, `list`, `watch`, `create`, …), else the method in lower case. */
  readonly verb: string;
  /** Absent for paths such as `/healthz`. */
  readonly target?: Target;
}

export interface Target {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  /** Empty when none is named. */
  readonly namespace: string;
  readonly name: string;
  readonly subresource: string;
  /** What comes behind a proxy's subresource, not decoded, with its slash. */
  readonly rest: string;
}

const subresourcesOfNamespaces: ReadonlySet<string> = new Set(["status", "finalize"]);

/** Reads method and URL. Throws BadRequest for a path that no object can have. */
export function requestInfo(method: string, url: string): RequestInfo {
  const question = url.indexOf("?");
  const path = question < 0 ? url : url.slice(0, question);
  const query = new URLSearchParams(question < 0 ? "" : url.slice(question + 1));
  const found = targetOf(path);
  if (found === undefined) return { path, query, verb: method.toLowerCase() };
  const { watched, target } = found;
  if (watched && method !== "GET") throw methodNotAllowed();
  const verb = watched ? "watch" : verbOf(method, target, query);
  const name = target.name === "" && (verb === "list" || verb === "watch" || verb === "deletecollection") ? (selectedName(query) ?? "") : target.name;
  return { path, query, verb, target: { ...target, name } };
}

/** `watched`: by the old form `/api/v1/watch/...`. */
function targetOf(path: string): { readonly target: Target; readonly watched: boolean } | undefined {
  const segments = segmentsOf(path);
  const grouped = segments[0] === "apis";
  if (!grouped && segments[0] !== "api") return undefined;
  const head = grouped ? 3 : 2;
  if (segments.length <= head || (segments.length === head + 1 && segments[head] === "")) return undefined;
  const [group = "", version = ""] = grouped ? segments.slice(1, 3).map(decoded) : ["", decoded(segments[1] ?? "")];
  const watched = segments[head] === "watch" && segments.length > head + 1;
  return { watched, target: { group, version, ...place(segments.slice(watched ? head + 1 : head)) } };
}

/** A slash at the end says nothing, but to what is behind a proxy. Upstream: RequestInfoFactory splitPath, go-restful TrimRightSlashEnabled */
function segmentsOf(path: string): readonly string[] {
  const segments = path.split("/").slice(1);
  return segments.at(-1) === "" && !segments.includes("proxy") ? segments.slice(0, -1) : segments;
}

function place(segments: readonly string[]): Omit<Target, "group" | "version"> {
  const [first, second, third, ...more] = segments;
  if (first === "namespaces" && second !== undefined && third !== undefined && (more.length > 0 || !subresourcesOfNamespaces.has(third))) {
    return named(decoded(third), decoded(second), more);
  }
  if (first !== "namespaces") return named(decoded(first ?? ""), "", segments.slice(1));
  const namespace = second === undefined ? "" : decoded(second);
  return { ...named("namespaces", namespace, segments.slice(1)) };
}

function named(resource: string, namespace: string, [name, subresource, ...rest]: readonly string[]): Omit<Target, "group" | "version"> {
  const proxied = subresource === "proxy";
  if (rest.length > 0 && !proxied) throw notServed();
  return {
    resource, namespace,
    name: name === undefined ? "" : decoded(name),
    subresource: subresource === undefined ? "" : decoded(subresource),
    rest: proxied && rest.length > 0 ? `/${rest.join("/")}` : "",
  };
}

/** One segment; what cannot be part of a key is refused here, once for all verbs. */
function decoded(segment: string): string {
  let text: string;
  try {
    text = segment.includes("%") ? decodeURIComponent(segment) : segment;
  } catch {
    throw badRequest("the request path is not well encoded");
  }
  if (text === "") throw notServed();
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  if (text === "." || text === ".." || /[/%\u0000-\u001f]/.test(text)) throw badRequest(`invalid path segment ${JSON.stringify(text)}`);
  return text;
}

function verbOf(method: string, target: Omit<Target, "name"> & { readonly name: string }, query: URLSearchParams): string {
  if (forcedCreate(target)) return "create";
  switch (method) {
    case "POST": return "create";
    case "PUT": return "update";
    case "PATCH": return "patch";
    case "DELETE": return target.name === "" ? "deletecollection" : "delete";
    case "GET": case "HEAD":
      if (target.subresource === "" && isTrue(query, "watch")) return "watch";
      return target.name === "" ? "list" : "get";
    default: return method.toLowerCase();
  }
}

/** A list of exactly one name is authorized as that name. */
export function selectedName(query: URLSearchParams): string | undefined {
  try {
    const found = parseFieldSelector(query.get("fieldSelector") ?? "").requirements.find((r) => r.field === "metadata.name" && r.equal);
    return found === undefined || found.value.includes("/") ? undefined : found.value;
  } catch {
    return undefined; // the endpoint says what is wrong with it
  }
}

/** No such path. Upstream's answer of the mux. */
export const notServed = (): StatusError => new StatusError("NotFound", "the server could not find the requested resource", {});
