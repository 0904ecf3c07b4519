import type { Identity } from "#base/http.ts";
import { forbidden, StatusError } from "#apimachinery/status.ts";
import type { RequestInfo } from "../filters/request-info.ts";

/** May `user` do this? Either a resource is asked for, or (`path`) something else. */
export interface AuthorizationRequest {
  readonly user: Identity;
  readonly verb: string;
  readonly path?: string;
  readonly group?: string;
  readonly version?: string;
  readonly resource?: string;
  readonly subresource?: string;
  /** Absent or empty: the whole cluster. */
  readonly namespace?: string;
  readonly name?: string;
  /** Of a list or watch, as the client wrote it. */
  readonly fieldSelector?: string;
}

/** `denied`: no other authorizer shall be asked. A plain no has neither. */
export interface Decision { readonly allowed: boolean; readonly denied?: boolean; readonly reason: string }

export interface Authorizer { authorize(request: AuthorizationRequest): Promise<Decision> }

/** Asks one after the other until one knows. */
export function union(authorizers: readonly Authorizer[]): Authorizer {
  return {
    async authorize(request) {
      const reasons: string[] = [];
      for (const authorizer of authorizers) {
        const decision = await authorizer.authorize(request);
        if (decision.allowed || decision.denied === true) return decision;
        if (decision.reason !== "") reasons.push(decision.reason);
      }
      return { allowed: false, reason: reasons.join("\n") };
    },
  };
}

/** The members of this group may do everything. Upstream: authorizerfactory NewPrivilegedGroups */
export const masters: Authorizer = {
  authorize: async ({ user }) => ({ allowed: user.groups.includes("system:masters"), reason: "" }),
};

/** What is asked of authorizers about a request. */
export const requestOf = (user: Identity, info: RequestInfo): AuthorizationRequest => {
  if (info.target === undefined) return { user, verb: info.verb, path: info.path };
  const { group, version, resource, subresource, namespace, name } = info.target;
  const fieldSelector = info.query.get("fieldSelector");
  return { user, verb: info.verb, group, version, resource, subresource, namespace, name, ...(fieldSelector !== null && { fieldSelector }) };
};

/** The 403 of a request. Upstream: apiserver/pkg/endpoints/handlers/responsewriters/errors.go ForbiddenStatusError */
export function forbiddenError(request: AuthorizationRequest, reason: string): StatusError {
  const { user, verb, path, group = "", resource = "", subresource = "", namespace = "", name = "" } = request;
  const why = reason === "" ? "" : `: ${reason}`;
  if (path !== undefined) {
    return new StatusError("Forbidden", `forbidden: User "${user.name}" cannot ${verb} path "${path}"${why}`, {});
  }
  const full = subresource === "" ? resource : `${resource}/${subresource}`;
  const where = namespace === "" ? "at the cluster scope" : `in the namespace "${namespace}"`;
  return forbidden({ group, resource }, name, `User "${user.name}" cannot ${verb} resource "${full}" in API group "${group}" ${where}${why}`);
}
