import type { TLSSocket } from "node:tls";
import type { Identity } from "#base/http.ts";

/**
 * Who a client certificate proves the peer to be: CN is the name, each O a group. Undefined without a certificate
 * that the server's CA has signed. Reading it is costly: once per connection. Upstream: authenticator/request/x509
 */
export function certificateIdentity(socket: TLSSocket): Identity | undefined {
  if (!socket.authorized) return undefined;
  const { subject } = socket.getPeerCertificate();
  const name: unknown = subject?.CN;
  if (typeof name !== "string" || name === "") return undefined;
  const groups: unknown = subject.O ?? [];
  return { name, groups: Array.isArray(groups) ? groups.filter((g) => typeof g === "string") : [String(groups)] };
}
