/** One line of the audit log. Upstream: apiserver/pkg/apis/audit/v1 Event */
import { rfc3339 } from "../registry/deletion.ts";
import type { Audited } from "../filters/chain.ts";
import { isStream } from "../filters/streams.ts";

/** `Metadata`: who asked for what, and the outcome. `Request`: also what was sent, except where it is a secret. */
export type AuditLevel = "None" | "Metadata" | "Request";

/** Objects whose bodies hold secrets or tokens: never written, whatever the level. */
const secret: ReadonlySet<string> = new Set(["/secrets", "authentication.k8s.io/tokenreviews", "/serviceaccounts/token"]);

export function auditEvent({ id, request, info, proven, user, decision, status, begun, ended, body, annotations }: Audited, level: Exclude<AuditLevel, "None">): Record<string, unknown> {
  const target = info?.target;
  const shown = level === "Request" && body !== undefined && target !== undefined && !secret.has(kindOf(target)) ? body : undefined;
  return {
    kind: "Event", apiVersion: "audit.k8s.io/v1", level: shown === undefined ? "Metadata" : level, auditID: id,
    stage: info !== undefined && isStream(info) ? "ResponseStarted" : "ResponseComplete",
    requestURI: withoutTokens(request.url), verb: info?.verb ?? request.method.toLowerCase(),
    user: userOf(proven ?? user), ...(user !== undefined && user !== proven && { impersonatedUser: userOf(user) }),
    ...(request.remoteAddress !== undefined && { sourceIPs: [request.remoteAddress] }), ...(request.headers["user-agent"] !== undefined && { userAgent: request.headers["user-agent"] }),
    ...(target !== undefined && { objectRef: objectRef(target) }),
    responseStatus: { metadata: {}, code: status },
    ...(shown !== undefined && { requestObject: shown }),
    requestReceivedTimestamp: micro(begun), stageTimestamp: micro(ended),
    annotations: { ...Object.fromEntries(annotations), ...(decision !== undefined && { "authorization.k8s.io/decision": decision.allowed ? "allow" : "forbid", "authorization.k8s.io/reason": decision.reason }) },
  };
}

type Target = NonNullable<NonNullable<Audited["info"]>["target"]>;

const kindOf = ({ group, resource, subresource }: Target): string => `${group}/${resource}${subresource === "" ? "" : `/${subresource}`}`;

const objectRef = ({ group, version, resource, namespace, name, subresource }: Target): Record<string, string> => ({
  resource, ...(namespace !== "" && { namespace }), ...(name !== "" && { name }), ...(group !== "" && { apiGroup: group }), apiVersion: version, ...(subresource !== "" && { subresource }),
});

const userOf = (user: Audited["user"]): Record<string, unknown> =>
  user === undefined ? {} : { username: user.name, ...(user.uid !== undefined && { uid: user.uid }), groups: user.groups, ...(user.extra !== undefined && Object.keys(user.extra).length > 0 && { extra: user.extra }) };

/** A client that puts its token where it does not belong shall not find it in a log. */
const withoutTokens = (url: string): string => url.replaceAll(/((?:access_)?token=)[^&]*/gi, "$1<redacted>");

/** Go's MicroTime; our clock knows milliseconds. */
const micro = (ms: number): string => rfc3339(ms).replace("Z", `.${String(ms % 1000).padStart(3, "0")}000Z`);
