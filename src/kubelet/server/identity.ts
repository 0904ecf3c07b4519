import type { TLSSocket } from "node:tls";
import type { Identity } from "#base/http.ts";

/** Who is at the other end: the subject of a client certificate that our CA signed; undefined for anybody else. */
export function identityOf(socket: TLSSocket): Identity | undefined {
  if (!socket.authorized) return undefined;
  const { subject } = socket.getPeerCertificate() as { readonly subject?: { readonly CN?: string | readonly string[]; readonly O?: string | readonly string[] } };
  const name = [subject?.CN ?? []].flat().at(-1);
  return name === undefined || name === "" ? undefined : { name, groups: [...[subject?.O ?? []].flat(), "system:authenticated"] };
}

/** May `identity` do `verb` to this path of the kubelet's API? See `verbOf` and `nodeSubresource` for upstream's attributes. */
export type Authorize = (identity: Identity, verb: string, path: string) => Promise<boolean>;
