/** One GET as the kubelet sends it, for probes and lifecycle hooks. Upstream: pkg/probe/http, pkg/kubelet/lifecycle */
import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import type { Container, HTTPGetAction } from "#api/gen/core-v1.ts";
import { dialError } from "#base/dial-error.ts";

export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
  readonly location: string | undefined;
}

const maxBodyBytes = 10 * 1024;

export interface HttpGetOptions {
  /** What the server is told who asks. */
  readonly purpose: "probe" | "lifecycle";
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** The URL of an action. @param podIp where no host is named. Throws when a named port is not the container's. */
export function urlOf(action: HTTPGetAction, container: Container, podIp: string): URL {
  const host = action.host !== undefined && action.host !== "" ? action.host : podIp;
  const scheme = (action.scheme ?? "HTTP").toLowerCase();
  const path = action.path === undefined || action.path === "" ? "/" : action.path;
  return new URL(`${scheme}://${host.includes(":") ? `[${host}]` : host}:${portOf(action.port, container)}${path.startsWith("/") ? "" : "/"}${path}`);
}

export function portOf(port: number | string, container: Container): number {
  const number =
    typeof port === "number"
      ? port
      : (container.ports?.find((p) => p.name === port)?.containerPort ?? (/^\d+$/.test(port) ? Number(port) : undefined));
  if (number === undefined) throw new Error(`strconv.Atoi: parsing ${JSON.stringify(port)}: invalid syntax`);
  if (number < 1 || number > 65_535) throw new Error(`invalid port number: ${number}`);
  return number;
}

/** Rejects in Go's words when no answer comes within `timeoutMs`. Certificates are not checked, redirects not followed, connections not kept. */
export function httpGet(url: URL, action: HTTPGetAction, { purpose, timeoutMs, signal }: HttpGetOptions): Promise<HttpAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<HttpAnswer>();
  const either = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  const options = { method: "GET", headers: headersOf(action, `kube-${purpose}/1.36`), agent: false as const, signal: either };
  const sent = url.protocol === "https:" ? httpsRequest(url, { ...options, rejectUnauthorized: false }) : httpRequest(url, options);
  sent.on("response", (answer) => {
    bodyOf(answer)
      .then((body) => resolve({ status: answer.statusCode ?? 0, body, location: answer.headers.location }), reject)
      .finally(() => sent.destroy());
  });
  sent.on("error", (err) => reject(new Error(`Get "${url.href}": ${goWords(err, url, either.aborted)}`, { cause: err })));
  sent.end();
  return promise;
}

function headersOf({ httpHeaders = [] }: HTTPGetAction, userAgent: string): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = { "user-agent": userAgent, accept: "*/*", connection: "close" };
  for (const { name, value } of httpHeaders) {
    const key = name.toLowerCase();
    const before = httpHeaders.filter((h) => h.name.toLowerCase() === key).map((h) => h.value);
    headers[key] = key === "host" ? value : before;
  }
  return Object.fromEntries(Object.entries(headers).filter(([key, value]) => value[0] !== "" || (key !== "user-agent" && key !== "accept")));
}

async function bodyOf(answer: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of answer as AsyncIterable<Buffer>) {
    pieces.push(piece);
    size += piece.length;
    if (size >= maxBodyBytes) break;
  }
  return Buffer.concat(pieces).subarray(0, maxBodyBytes).toString("utf8");
}

/** Whether a server that was asked over TLS answers without, as Node says it. */
export const gaveHttp = (err: unknown): boolean => err instanceof Error && err.cause instanceof Error && "code" in err.cause && err.cause.code === "EPROTO";

/** A socket's error in the words that Go's net package has for it. */
export function goWords(err: Error, { hostname, port }: { readonly hostname: string; readonly port: number | string }, timedOut: boolean): string {
  if (timedOut) return "context deadline exceeded (Client.Timeout exceeded while awaiting headers)";
  if ("code" in err && err.code === "ECONNRESET") return "EOF";
  if ("code" in err && err.code === "EPROTO") return "http: server gave HTTP response to HTTPS client";
  return dialError(err, `${hostname}:${port}`) ?? err.message;
}
