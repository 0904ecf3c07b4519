import { HttpError } from "./http-error.ts";

/** What a path of the kubelet's API asks for. */
export type Route =
  | { readonly kind: "healthz" | "pods" | "metrics" | "stats" }
  | { readonly kind: "logs" | "exec" | "attach"; readonly namespace: string; readonly pod: string; readonly uid?: string; readonly container: string }
  | { readonly kind: "portForward"; readonly namespace: string; readonly pod: string; readonly uid?: string };

export type RouteKind = Route["kind"];

const plain: Readonly<Record<string, "healthz" | "pods" | "metrics" | "stats">> = { "/healthz": "healthz", "/pods": "pods", "/runningpods/": "pods", "/metrics": "metrics", "/stats/summary": "stats" };
const onContainer: Readonly<Record<string, "logs" | "exec" | "attach">> = { containerLogs: "logs", exec: "exec", attach: "attach" };

/** Reads a path, each segment decoded by itself. Upstream: pkg/kubelet/server/server.go InstallDefaultHandlers. Throws `HttpError` 404. */
export function parseRoute(path: string): Route {
  const simple = plain[path];
  if (simple !== undefined) return { kind: simple };
  const [, first = "", namespace, pod, third, fourth, ...rest] = path.split("/").map(decode);
  if (namespace === undefined || pod === undefined || namespace === "" || pod === "" || rest.length > 0) throw notFound();
  if (first === "portForward" && fourth === undefined) return { kind: "portForward", namespace, pod, ...(third !== undefined && { uid: third }) };
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

/** The subresource of `nodes` that a path stands for. Upstream: pkg/kubelet/server/auth.go GetRequestAttributes */
export function nodeSubresource(path: string): string {
  if (path.startsWith("/stats/")) return "stats";
  if (path === "/metrics" || path.startsWith("/metrics/")) return "metrics";
  if (path === "/pods" || path === "/runningpods/") return "pods";
  return path === "/healthz" ? "healthz" : "proxy";
}
