/** The way from the API server to nodes and pods. */
import { STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { isTerminal } from "#api/pod.ts";
import type { HttpRequest, HttpResponse } from "#base/http.ts";
import { dialUpgrade, refuseUpgrade, responseHead, splice, type UpgradeAnswer } from "#base/upgrade.ts";
import { badRequest } from "#apimachinery/status.ts";
import type { Reader } from "../admission/attributes.ts";
import { backendUnreachable, noAnswer, refusalOf, refusedUpgrade, relay, send, serviceUnreachable, wholeText, type KubeletTls } from "./backend.ts";
import type { Connect, ConnectTarget, UpgradeRequest } from "./connect.ts";
import { commandQuery, logQuery, pathOf, portQuery } from "./kubelet-query.ts";
import { refuseLogOptions } from "./log-options.ts";
import { sendOverWebSocket } from "./log-socket.ts";
import { containerOf, kubeletAt, kubeletOf, podOf, type KubeletAddress } from "./pod-target.ts";
import { proxyTarget, proxiedHeaders } from "./proxy.ts";
import { comeBack, wayOf } from "./way-back.ts";

export interface NodeConnectOptions {
  readonly reader: Reader;
  readonly tls: KubeletTls;
}

/** Logs, exec, attach and port-forward through the kubelet of the pod's node; proxies to pods and kubelets. */
export function newNodeConnect(options: NodeConnectOptions): Connect {
  return {
    http: (request, target) => (target.subresource === "log" ? log(options, request, target) : target.subresource === "proxy" ? proxy(options, request, target) : notUpgraded(options, request, target)),
    upgrade: async (request, target, socket, head) => (target.subresource === "log"
      ? sendOverWebSocket(await log(options, request, target), request, socket, head)
      : upgrade(options, request, target, socket, head)),
    kubeletText: (node, path, signal) => kubeletText(options, node, path, signal),
  };
}

async function kubeletText({ reader, tls }: NodeConnectOptions, node: string, path: string, signal: AbortSignal): Promise<string> {
  const url = urlOf(await kubeletAt(reader, node), path, new URLSearchParams());
  const response = await send({ url, method: "GET", headers: {}, tls, signal, unreachable: noAnswer });
  if (response.statusCode !== 200) throw await refusalOf(response);
  return await wholeText(response);
}

async function log({ reader, tls }: NodeConnectOptions, request: UpgradeRequest, target: ConnectTarget): Promise<HttpResponse> {
  const query = queryOf(request);
  refuseLogOptions(query, target.name);
  const pod = await podOf(reader, target);
  const container = containerOf(pod, query.get("container") ?? "");
  if (!pod.spec.nodeName) return { status: 204, headers: {}, body: new Uint8Array() }; // nothing was said yet
  const kubelet = await kubeletOf(reader, pod);
  const url = urlOf(kubelet, pathOf("containerLogs", target.namespace, target.name, container), logQuery(query));
  const response = await send({ url, method: "GET", headers: {}, tls, signal: request.signal, unreachable: noAnswer });
  if (response.statusCode !== 200) throw await refusalOf(response);
  return relay(response, { "content-type": "text/plain" });
}

async function proxy({ reader, tls }: NodeConnectOptions, request: HttpRequest, target: ConnectTarget): Promise<HttpResponse> {
  const { url, trust } = await proxyTarget(reader, request, target);
  const { path = "" } = target;
  if (path === "" && (request.method === "GET" || request.method === "HEAD")) return toItsRoot(request);
  const response = await send({ url, method: request.method, headers: proxiedHeaders(request), body: request.body, ...(url.protocol === "https:" && { tls: trust === "kubelet" ? tls : { insecure: true } }), signal: request.signal, unreachable: serviceUnreachable });
  return comeBack(response, wayOf(request, path, url));
}

/** Relative links of the page that lies there would lead elsewhere without a slash at the end. Upstream: apimachinery/pkg/util/proxy/upgradeaware.go proxyRedirectsforRootPath */
function toItsRoot({ url }: HttpRequest): HttpResponse {
  const [path = "", ...query] = url.split("?");
  return { status: 301, headers: { location: [`${path}/`, ...query].join("?") }, body: new Uint8Array() };
}

/** A command or a port needs a connection of its own. Upstream: apimachinery/pkg/util/proxy/upgradeaware.go */
async function notUpgraded({ reader }: NodeConnectOptions, request: UpgradeRequest, target: ConnectTarget): Promise<HttpResponse> {
  await upgradeUrl(reader, request, target);
  throw badRequest("Upgrade request required");
}

/** Bytes are joined only after the kubelet said 101; any other answer is handed on as it is and both connections end: clients say "unable to upgrade connection" before its words. */
async function upgrade(options: NodeConnectOptions, request: UpgradeRequest, target: ConnectTarget, socket: Duplex, head: Uint8Array): Promise<void> {
  const url = await upgradeUrl(options.reader, request, target);
  const answer = await dial(options, request, url);
  if (!answer.upgraded) return refuseUpgrade(socket, await refusedUpgrade(answer.response));
  const { response, socket: behind } = answer;
  socket.write(responseHead(101, STATUS_CODES[101] ?? "", response.rawHeaders));
  if (head.byteLength > 0) behind.write(head);
  await splice(socket, behind);
}

async function dial({ tls }: NodeConnectOptions, request: UpgradeRequest, url: URL): Promise<UpgradeAnswer> {
  try {
    return await dialUpgrade({ url, method: request.method, headers: upgradeHeaders(request), tls, signal: request.signal });
  } catch (cause) {
    throw backendUnreachable(url, cause);
  }
}

async function upgradeUrl(reader: Reader, request: UpgradeRequest, target: ConnectTarget): Promise<URL> {
  const query = queryOf(request);
  if (target.subresource === "proxy") return (await proxyTarget(reader, request, target)).url;
  const pod = await podOf(reader, target);
  if (target.subresource === "portforward") return urlOf(await kubeletOf(reader, pod), pathOf("portForward", target.namespace, target.name), portQuery(query));
  if (target.subresource !== "exec" && target.subresource !== "attach") throw badRequest(`${target.subresource} cannot be upgraded`);
  const container = containerOf(pod, query.get("container") ?? "");
  const { deletionTimestamp } = pod.metadata;
  if (deletionTimestamp === undefined && isTerminal(pod)) throw badRequest(`cannot ${target.subresource} ${target.subresource === "exec" ? "in" : "to"} a container in a completed pod; current phase is ${pod.status.phase ?? ""}`);
  return urlOf(await kubeletOf(reader, pod), pathOf(target.subresource, target.namespace, target.name, container), commandQuery(query));
}

const urlOf = ({ host, port }: KubeletAddress, path: string, query: URLSearchParams): URL =>
  new URL(`https://${host}:${port}${path}?${query.toString()}`);
const queryOf = ({ url }: { readonly url: string }): URLSearchParams => new URLSearchParams(url.split("?").slice(1).join("?"));

/** What the protocol needs, and nothing that proves who the client is. */
function upgradeHeaders({ headers }: UpgradeRequest): Record<string, string> {
  const kept = Object.entries(headers).filter(([name]) => name === "connection" || name === "upgrade" || name.startsWith("sec-websocket-") || name === "x-stream-protocol-version");
  return Object.fromEntries(kept.map(([name, value]) => [name, value ?? ""]));
}
