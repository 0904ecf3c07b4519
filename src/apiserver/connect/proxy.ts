import { pods } from "#api/resources.ts";
import { badRequest, notFound } from "#apimachinery/status.ts";
import type { HttpRequest } from "#base/http.ts";
import type { Reader } from "../admission/attributes.ts";
import type { ConnectTarget } from "./connect.ts";
import { allowedHost } from "./allowed-host.ts";
import { kubeletAt } from "./pod-target.ts";
import { endpointOf } from "./service-target.ts";

/** Where a proxied request goes, and whom to believe there. */
export interface ProxyTarget { readonly url: URL; readonly trust: "kubelet" | "nobody" }

/** Resolves the proxies to pods, services and nodes. The address is that of the object, taken once. Throws BadRequest, NotFound, ServiceUnavailable. */
export async function proxyTarget(reader: Reader, { url }: Pick<HttpRequest, "url">, target: ConnectTarget): Promise<ProxyTarget> {
  const query = url.includes("?") ? url.slice(url.indexOf("?")) : "";
  const path = `${target.path === undefined || target.path === "" ? "/" : target.path}${query}`;
  if (target.resource === "nodes") {
    const [name = ""] = target.name.split(":");
    const { host, port } = await kubeletAt(reader, name);
    return { url: new URL(`https://${host}:${port}${path}`), trust: "kubelet" };
  }
  const { scheme, name, port } = splitName(target);
  if (target.resource === "services") {
    const endpoint = await endpointOf(reader, { namespace: target.namespace, name, port, text: target.name });
    return { url: new URL(`${scheme}://${allowedHost(endpoint.ip)}:${endpoint.port}${path}`), trust: "nobody" };
  }
  const pod = await reader.get(pods, name, target.namespace);
  if (pod === undefined) throw notFound({ group: "", resource: "pods" }, name);
  const host = allowedHost(pod.status.podIP ?? "");
  const first = pod.spec.containers.flatMap((c) => c.ports ?? []);
  const number = port === "" ? (first[0]?.containerPort ?? 80) : (first.find((p) => p.name === port)?.containerPort ?? Number(port));
  if (!Number.isInteger(number) || number < 1 || number > 65_535) throw badRequest(`invalid pod port ${JSON.stringify(port)}`);
  return { url: new URL(`${scheme}://${host}:${number}${path}`), trust: "nobody" };
}

/** `name`, `name:port` or `scheme:name:port`. Upstream: apimachinery/pkg/util/net SplitSchemeNamePort */
function splitName({ resource, name: text }: ConnectTarget): { readonly scheme: "http" | "https"; readonly name: string; readonly port: string } {
  const parts = text.split(":");
  if (parts.length === 3 && (parts[0] === "http" || parts[0] === "https" || parts[0] === "")) return { scheme: parts[0] === "https" ? "https" : "http", name: parts[1] ?? "", port: parts[2] ?? "" };
  if (parts.length > 2) throw badRequest(`invalid ${resource === "services" ? "service" : "pod"} request ${JSON.stringify(text)}`);
  return { scheme: "http", name: parts[0] ?? "", port: parts[1] ?? "" };
}

const withheld: ReadonlySet<string> = new Set(["authorization", "cookie", "host", "connection", "keep-alive", "transfer-encoding", "te", "trailer", "upgrade"]);

/** The client's headers but its credentials and what concerns only its own connection. */
export const proxiedHeaders = ({ headers }: Pick<HttpRequest, "headers">): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).filter(([name, value]) => value !== undefined && !name.startsWith(":") && !name.startsWith("impersonate-") && !withheld.has(name)).map(([name, value]) => [name, value ?? ""]));
