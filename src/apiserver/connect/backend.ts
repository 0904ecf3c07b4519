import { request as httpRequest, STATUS_CODES, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { StatusError, badRequest } from "#apimachinery/status.ts";
import { dialError } from "#base/dial-error.ts";
import { messageOf } from "#base/error-message.ts";
import type { HttpRequest, HttpResponse } from "#base/http.ts";
import { responseHead } from "#base/upgrade.ts";

/** How the API server proves itself to kubelets, and whom it believes. PEM. */
export interface KubeletTls { readonly ca: string; readonly cert: string; readonly key: string }

export interface BackendRequest {
  readonly url: URL;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: HttpRequest["body"];
  readonly tls?: KubeletTls | { readonly insecure: true };
  readonly signal: AbortSignal;
  /** What is thrown when nobody answers. */
  readonly unreachable: (url: URL, cause: unknown) => StatusError;
}

/** Sends a request to a kubelet or pod and resolves with its head. Redirects are not followed. */
export async function send({ url, method, headers, body, tls, signal, unreachable }: BackendRequest): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const trust = tls === undefined ? {} : "insecure" in tls ? { rejectUnauthorized: false } : tls;
  const options = { method, headers, agent: false, signal };
  const request = url.protocol === "https:" ? httpsRequest(url, { ...options, ...trust }) : httpRequest(url, options);
  request.on("response", resolve);
  request.on("error", (cause) => reject(signal.aborted ? signal.reason : unreachable(url, cause)));
  if (body === undefined || method === "GET" || method === "HEAD") request.end();
  else void upload(request, body).catch((cause: unknown) => request.destroy(cause instanceof Error ? cause : new Error("the body ended early")));
  return await promise;
}

async function upload(request: ReturnType<typeof httpRequest>, body: HttpRequest["body"]): Promise<void> {
  for await (const piece of body) {
    if (!request.write(piece)) await new Promise<void>((resolve) => request.once("drain", resolve).once("close", resolve));
  }
  request.end();
}

/** A kubelet that does not answer a GET. Upstream: pkg/registry/core/rest/streamer.go InputStream */
export const noAnswer = (url: URL, cause: unknown): StatusError =>
  new StatusError("Unknown", `Get ${JSON.stringify(url.href.replace(/\?$/, ""))}: ${whyOf(url, cause)}`, undefined, { cause });

/** A pod, service or node behind a proxy. Upstream: apimachinery/pkg/util/proxy/transport.go RoundTrip */
export const serviceUnreachable = (url: URL, cause: unknown): StatusError =>
  new StatusError("ServiceUnavailable", `error trying to reach service: ${whyOf(url, cause)}`, undefined, { cause });

/** Who was to take over a connection. Upstream: apimachinery/pkg/util/proxy/upgradeaware.go tryUpgrade */
export const backendUnreachable = (url: URL, cause: unknown): StatusError =>
  new StatusError("Unknown", `error dialing backend: ${whyOf(url, cause)}`, undefined, { cause });

const whyOf = ({ hostname, port, protocol }: URL, cause: unknown): string =>
  dialError(cause, `${hostname}:${port || (protocol === "https:" ? "443" : "80")}`) ?? messageOf(cause);

const mostErrorBytes = 10_000;

/** A kubelet's refusal as a Status with the kubelet's words. Upstream: pkg/registry/generic/rest/response_checker.go */
export async function refusalOf(response: IncomingMessage): Promise<StatusError> {
  const text = (await firstBytes(response, mostErrorBytes)).trim();
  const code = response.statusCode ?? 500;
  if (code >= 300 && code < 400) return new StatusError("InternalError", "the node answered with a redirect, which is not followed");
  if (code === 400) return badRequest(text);
  if (code === 404) return new StatusError("NotFound", text === "" ? "the server could not find the requested resource" : text);
  return new StatusError("InternalError", `Internal error occurred: ${text}`, { causes: [{ message: text }] });
}

/** A kubelet's refusal to upgrade, for the client as it is; but a redirect is not handed on. Upstream: apimachinery/pkg/util/proxy/upgradeaware.go tryUpgrade */
export async function refusedUpgrade(response: IncomingMessage): Promise<string> {
  const { statusCode: code = 500 } = response;
  if (code < 400) throw await refusalOf(response);
  const text = await firstBytes(response, mostErrorBytes);
  const headers = ["content-type", "text/plain; charset=utf-8", "x-content-type-options", "nosniff", "content-length", String(Buffer.byteLength(text)), "connection", "close"];
  return `${responseHead(code, STATUS_CODES[code] ?? "", headers)}${text}`;
}

const mostTextBytes = 16 * 1024 * 1024;

/** An answer that is kept in memory. Throws when it is too long for that: a node may not fill the server. */
export async function wholeText(response: IncomingMessage): Promise<string> {
  const text = await firstBytes(response, mostTextBytes + 1);
  if (text.length > mostTextBytes) throw new StatusError("InternalError", "the node's answer is too long");
  return text;
}

async function firstBytes(response: IncomingMessage, most: number): Promise<string> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of response as AsyncIterable<Buffer>) {
    pieces.push(piece);
    size += piece.length;
    if (size >= most) break;
  }
  return Buffer.concat(pieces).toString("utf8", 0, most);
}

/** Hands an answer on as it comes; ends the backend's request when the client goes. */
export function relay(response: IncomingMessage, headers: HttpResponse["headers"]): HttpResponse {
  return { status: response.statusCode ?? 502, headers, body: response as AsyncIterable<Buffer> };
}
