import { accountGroups } from "#api/service-account.ts";
import type { HttpRequest, Identity } from "#base/http.ts";
import { badRequest, forbidden } from "#apimachinery/status.ts";
import { listed, unescaped } from "../authn/request-header.ts";
import type { Authorizer, AuthorizationRequest } from "../authz/authorizer.ts";

const extraPrefix = "impersonate-extra-";

interface Wanted { readonly user: string; readonly groups: readonly string[]; readonly uid: string | undefined; readonly extra: Readonly<Record<string, readonly string[]>> }

/**
 * Who the request is to be seen as: its own user, or the one in its `Impersonate-*` headers, if it may.
 * Throws BadRequest, Forbidden. Upstream: apiserver/pkg/endpoints/filters/impersonation.go
 */
export async function impersonate(request: HttpRequest, user: Identity, authorizer: Authorizer): Promise<Identity> {
  const wanted = wantedOf(request.headers);
  if (wanted === undefined) return user;
  for (const check of checksFor(wanted)) {
    const decision = await authorizer.authorize({ ...check, user, verb: "impersonate" });
    if (!decision.allowed) throw forbidden({ group: check.group ?? "", resource: check.resource ?? "" }, check.name ?? "", denial(user, check, decision.reason));
  }
  const account = wanted.user.startsWith("system:serviceaccount:");
  const namespace = wanted.user.split(":")[2] ?? "";
  const given = wanted.groups.length > 0 ? wanted.groups : account ? accountGroups(namespace) : [];
  const anonymous = wanted.user === "system:anonymous";
  const implied = anonymous ? "system:unauthenticated" : "system:authenticated";
  const groups = given.includes("system:authenticated") || given.includes("system:unauthenticated") ? given : [...given, implied];
  return { name: wanted.user, groups, ...(wanted.uid !== undefined && { uid: wanted.uid }), extra: wanted.extra };
}

function wantedOf(headers: HttpRequest["headers"]): Wanted | undefined {
  if (!asks(headers)) return undefined;
  const user = headers["impersonate-user"] ?? "";
  const groups = listed(headers["impersonate-group"]);
  const uid = headers["impersonate-uid"];
  const extras = Object.entries(headers).filter(([name]) => name.startsWith(extraPrefix));
  if (user === "") {
    if (groups.length + extras.length > 0 || uid !== undefined) throw badRequest("requested impersonation without impersonating a user");
    return undefined;
  }
  return { user, groups, uid, extra: Object.fromEntries(extras.map(([name, value]) => [unescaped(name.slice(extraPrefix.length)), listed(value)])) };
}

function asks(headers: HttpRequest["headers"]): boolean {
  for (const name in headers) if (name.startsWith("impersonate-")) return true; // without a list of them: this is asked of every request
  return false;
}

type Check = Omit<AuthorizationRequest, "user" | "verb">;

function checksFor({ user, groups, uid, extra }: Wanted): Check[] {
  const resource = (group: string, name: string, plural: string, more: Partial<Check> = {}): Check => ({ group, version: "v1", resource: plural, name, ...more });
  const account = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(user);
  const who = account === null ? resource("", user, "users") : resource("", account[2] ?? "", "serviceaccounts", { namespace: account[1] ?? "" });
  return [
    who,
    ...groups.map((name) => resource("", name, "groups")),
    ...(uid === undefined ? [] : [resource("authentication.k8s.io", uid, "uids")]),
    ...Object.entries(extra).flatMap(([key, values]) => values.map((value) => resource("authentication.k8s.io", value, "userextras", { subresource: key }))),
  ];
}

function denial(user: Identity, check: Check, reason: string): string {
  const text = `User "${user.name}" cannot impersonate resource "${check.resource ?? ""}" in API group "${check.group ?? ""}"`;
  const where = check.namespace === undefined ? "at the cluster scope" : `in the namespace "${check.namespace}"`;
  return `${text} ${where}${reason === "" ? "" : `: ${reason}`}`;
}
