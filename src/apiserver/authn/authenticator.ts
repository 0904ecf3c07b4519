import type { HttpRequest, Identity } from "#base/http.ts";
import { unauthorized } from "#apimachinery/status.ts";
import { forwardedIdentity } from "./request-header.ts";
import type { RequestInfo } from "../filters/request-info.ts";

export interface Authenticator {
  /** Throws Unauthorized. */
  authenticate(request: HttpRequest, info: RequestInfo): Promise<Identity>;
}

/** Who a bearer token belongs to; undefined when it is not a good one. */
export type VerifyToken = (token: string) => Promise<Identity | undefined>;

const open = /^\/(?:healthz|livez|readyz)(?:\/[\w-][\w.-]*)*\/?$|^\/version\/?$/;
const anonymous: Identity = { name: "system:anonymous", groups: ["system:unauthenticated"] };

/**
 * The client certificate (or the component in this process) first, then a bearer token, then nobody.
 * Nobody may ask only for health and version. Headers such as `X-Remote-User` count only from a front proxy that has
 * proven itself by a certificate of the request-header authority.
 */
export function newAuthenticator(verify: VerifyToken): Authenticator {
  return {
    async authenticate(request, info) {
      const forwarded = forwardedIdentity(request);
      if (forwarded !== undefined) return known(forwarded);
      if (request.identity !== undefined) return known(request.identity);
      const token = bearer(request.headers["authorization"]);
      const owner = token === undefined ? undefined : await verify(token);
      if (owner !== undefined) return known(owner);
      if (request.headers["authorization"] === undefined && info.verb === "get" && open.test(info.path)) return anonymous;
      throw unauthorized();
    },
  };
}

/** Everybody who is known is in `system:authenticated`. */
const known = (user: Identity): Identity =>
  user.groups.includes("system:authenticated") ? user : { ...user, groups: [...user.groups, "system:authenticated"] };

const bearer = (header: string | undefined): string | undefined => /^bearer +(\S+) *$/i.exec(header ?? "")?.[1];
