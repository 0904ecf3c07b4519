import { HttpError } from "./http-error.ts";

/** What a path of the kubelet's API asks for. */
export type Route =
  | { readonly kind: PlainKind }
  | { readonly kind: "checkpoint" }
  | { readonly kind: "nodeLogs"; readonly path: string }
  | { readonly kind: "logs" | "exec" | "attach"; readonly namespace: string; readonly pod: string; readonly uid?: string; readonly container: string }
  | { readonly kind: "portForward"; readonly namespace: string; readonly pod: string; readonly uid?: string };

export type RouteKind = Route["kind"];
type PlainKind = "healthz" | "pods" | "configz" | "stats" | "metrics" | "resourceMetrics" | "cadvisorMetrics" | "probeMetrics";

const plain: Readonly<Record<string, PlainKind>> = {
  "/healthz": "healthz", "/healthz/ping": "healthz", "/healthz/log": "healthz", "/healthz/syncloop": "healthz", "/configz": "configz", "/pods": "pods", "/pods/": "pods", "/runningpods/": "pods", "/stats/summary": "stats",
  "/metrics": "metrics", "/metrics/resource": "resourceMetrics", "/metrics/cadvisor": "cadvisorMetrics", "/metrics/probes": "probeMetrics",
};
const onContainer: Readonly<Record<string, "logs" | "exec" | "attach">> = { containerLogs: "logs", exec: "exec", attach: "attach" };

/** Reads a path, each segment decoded by itself. Upstream: pkg/kubelet/server/server.go InstallDefaultHandlers. Throws `HttpError` 404. */
export function parseRoute(path: string): Route {
  const simple = Object.hasOwn(plain, path) ? plain[path] : undefined;
  if (simple !== undefined) return { kind: simple };
  const [, first = "", ...names] = path.split("/").map(decode);
  if (first === "logs" && names.length > 0) return { kind: "nodeLogs", path: names.join("/") };
  const [namespace, pod, third, fourth, ...rest] = names;
  if (namespace === undefined || pod === undefined || namespace === "" || pod === "" || rest.length > 0) throw notFound();
  if (first === "portForward" && fourth === undefined) return { kind: "portForward", namespace, pod, ...(third !== undefined && { uid: third }) };
  if (first === "checkpoint" && third !== undefined && fourth === undefined) return { kind: "checkpoint" };
  const kind = Object.hasOwn(onContainer, first) ? onContainer[first] : undefined;
  if (kind === undefined || third === undefined || (kind === "logs" && fourth !== undefined)) throw notFound();
  return fourth === undefined ? { kind, namespace, pod, container: third } : { kind, namespace, pod, uid: third, container: fourth };
}

const notFound = (): HttpError => new HttpError(404, "404 page not found\n");

function decode(segment: string): string {
  try {
    const text = decodeURIComponent(segment);
    if (text.includes("/") || text.includes("\0") || text === "." || text === "..") throw notFound();
    return text;
  } catch (cause) {
    throw cause instanceof HttpError ? cause : notFound();
  }
}

/** `create` for everything that runs something, whatever the method: a GET can be upgraded too (security: nodes/proxy GET must not exec). */
export function verbOf(kind: RouteKind, method: string): string {
  if (kind === "exec" || kind === "attach" || kind === "portForward") return "create";
  const verbs: Readonly<Record<string, string>> = { GET: "get", HEAD: "get", POST: "create", PUT: "update", PATCH: "patch", DELETE: "delete" };
  const verb = verbs[method];
  if (verb === undefined) throw new HttpError(405, "405: Method Not Allowed\n");
  return verb;
}

/** What `nodes/proxy` is needed for where nothing finer is said of the path. */
const subresources: readonly (readonly [path: string, subresource: string])[] = [
  ["/stats", "stats"], ["/metrics", "metrics"], ["/logs", "log"], ["/checkpoint", "checkpoint"],
  ["/pods", "pods"], ["/runningpods", "pods"], ["/healthz", "healthz"], ["/configz", "configz"],
];
/** Those that `nodes/proxy` has always opened, and still does. */
const finerThanProxy: ReadonlySet<string> = new Set(["pods", "healthz", "configz"]);

/** The subresources of `nodes` one of which opens a path. Upstream: pkg/kubelet/server/auth.go GetRequestAttributes, KEP-2862 */
export function nodeSubresources(path: string): readonly string[] {
  const [, found] = subresources.find(([prefix]) => path === prefix || path.startsWith(`${prefix}/`)) ?? [];
  if (found === undefined) return ["proxy"];
  return finerThanProxy.has(found) ? [found, "proxy"] : [found];
}
