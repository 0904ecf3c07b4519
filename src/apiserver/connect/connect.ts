/**
 * The seam between the API server and what lies behind it: pods' logs, exec, attach, port-forward and the proxies.
 * The caller has authenticated and authorized the request (`create` for exec, attach and portforward whatever the method)
 * and knows the target's name to be valid; everything about the pod, the node and the way there is decided here.
 */
import type { Duplex } from "node:stream";
import type { HttpRequest, HttpResponse } from "#base/http.ts";

export interface Connect {
  /** `log` and `proxy` without an upgrade. Throws `StatusError`. The answer's body streams and ends with the request's signal. */
  http(request: HttpRequest, target: ConnectTarget): Promise<HttpResponse>;
  /**
   * `exec`, `attach`, `portforward`, and `proxy` with an upgrade. Throws `StatusError` before the first byte was written to
   * the socket (the caller writes the answer); otherwise resolves when both sides are closed, and never throws.
   * @param head what the client sent behind the request's head
   */
  upgrade(request: UpgradeRequest, target: ConnectTarget, socket: Duplex, head: Uint8Array): Promise<void>;
  /** What a node's kubelet answers to GET of a path, as text: the server's own wish, nobody's request. Throws `StatusError`. */
  kubeletText(node: string, path: string, signal: AbortSignal): Promise<string>;
}

export interface ConnectTarget {
  readonly resource: "pods" | "services" | "nodes";
  readonly subresource: "log" | "exec" | "attach" | "portforward" | "proxy";
  /** Empty for nodes. */
  readonly namespace: string;
  /** As in the URL, decoded. For proxies of pods and services it may be `https:name:port`. */
  readonly name: string;
  /** `proxy` only: what follows `proxy` in the URL, not decoded, with its leading slash; empty when nothing follows. */
  readonly path?: string;
}

/** `body` is not read: an upgrade has none. */
export type UpgradeRequest = Omit<HttpRequest, "body">;
