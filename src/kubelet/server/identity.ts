import type { TLSSocket } from "node:tls";
import type { Identity } from "#base/http.ts";

/** Who is at the other end: the subject of a client certificate that our CA signed; undefined for anybody else. */
export function identityOf(socket: TLSSocket): Identity | undefined {
  if (!socket.authorized) return undefined;
  const { subject } = socket.getPeerCertificate() as { readonly subject?: { readonly CN?: string | readonly string[]; readonly O?: string | readonly string[] } };
  const name = [subject?.CN ?? []].flat().at(-1);
  return name === undefined || name === "" ? undefined : { name, groups: [...[subject?.O ?? []].flat(), "system:authenticated"] };
}

/** May `identity` do `verb` to this path of the kubelet's API? See `verbOf` and `nodeSubresources` for upstream's attributes. */
export type Authorize = (identity: Identity, verb: string, path: string) => Promise<boolean>;

/** Whose is this bearer token? Undefined when it is nobody's (any more). */
export type Authenticate = (token: string) => Promise<Identity | undefined>;

const bearer = /^Bearer +(\S+) *$/i;

/** The token of an `Authorization` header. */
export const bearerOf = (header: string | undefined): string | undefined => bearer.exec(header ?? "")?.[1];
