import { X509Certificate } from "node:crypto";
import type { TLSSocket } from "node:tls";
import type { HttpRequest } from "#base/http.ts";

/** Who may speak for others: certificates of this authority (PEM), all of them or those with one of these common names. */
export interface RequestHeaderAuthority { readonly ca: string; readonly names?: readonly string[] }

/** What a connection proves about its peer. */
export type Peer = Pick<HttpRequest, "identity" | "frontProxy" | "remoteAddress">;

const nobody: Peer = {};

/**
 * Who a client certificate proves the peer to be: CN is the name, each O a group. Nobody without a certificate that one
 * of the server's CAs has signed; one of the request-header CA is a front proxy and nothing else. Reading it is costly:
 * once per connection. Upstream: authenticator/request/x509, authenticator/request/headerrequest
 */
export function certificatePeer(socket: TLSSocket, requestHeader?: RequestHeaderAuthority): Peer {
  if (!socket.authorized) return nobody;
  const { subject } = socket.getPeerCertificate();
  const name: unknown = subject?.CN;
  if (typeof name !== "string" || name === "") return nobody;
  if (requestHeader !== undefined && isFrom(socket, requestHeader.ca)) {
    const { names = [] } = requestHeader;
    return names.length === 0 || names.includes(name) ? { frontProxy: name } : nobody;
  }
  const groups: unknown = subject.O ?? [];
  return { identity: { name, groups: Array.isArray(groups) ? groups.filter((g) => typeof g === "string") : [String(groups)] } };
}

function isFrom(socket: TLSSocket, ca: string): boolean {
  const authority = new X509Certificate(ca);
  const own = socket.getPeerX509Certificate();
  return own !== undefined && own.checkIssued(authority) && own.verify(authority.publicKey);
}
