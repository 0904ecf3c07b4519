/** One line of the audit log. Upstream: apiserver/pkg/apis/audit/v1 Event */
import { isRecord } from "#apimachinery/equal.ts";
import { microTimestamp } from "#apimachinery/time.ts";
import type { Audited } from "../filters/chain.ts";
import type { Extent, Stage } from "./policy.ts";

/** What is known at a stage: no outcome before there is one. */
export type Told = Omit<Audited, "status" | "bytes"> & { readonly status?: number; readonly answer?: unknown };

export function auditEvent({ id, request, info, proven, user, decision, status, begun, ended, body, annotations, answer }: Told, stage: Stage, { level, managedFields }: Extent): Record<string, unknown> {
  const target = info?.target;
  const sent = level === "Request" || level === "RequestResponse" ? body : undefined;
  const shown = (value: unknown): unknown => (managedFields ? value : withoutOwners(value));
  return {
    kind: "Event", apiVersion: "audit.k8s.io/v1", level, auditID: id, stage,
    requestURI: withoutTokens(request.url), verb: info?.verb ?? request.method.toLowerCase(),
    user: userOf(proven ?? user), ...(user !== undefined && user !== proven && { impersonatedUser: userOf(user) }),
    ...(request.remoteAddress !== undefined && { sourceIPs: [request.remoteAddress] }), ...(request.headers["user-agent"] !== undefined && { userAgent: request.headers["user-agent"] }),
    ...(target !== undefined && { objectRef: objectRef(target) }),
    ...(status !== undefined && { responseStatus: { metadata: {}, code: status } }),
    ...(sent !== undefined && { requestObject: shown(sent) }),
    ...(level === "RequestResponse" && answer !== undefined && { responseObject: shown(answer) }),
    requestReceivedTimestamp: microTimestamp(begun), stageTimestamp: microTimestamp(ended),
    annotations: { ...Object.fromEntries(annotations), ...(decision !== undefined && { "authorization.k8s.io/decision": decision.allowed ? "allow" : "forbid", "authorization.k8s.io/reason": decision.reason }) },
  };
}

/** Of an object, or of all in a list. */
function withoutOwners(value: unknown): unknown {
  if (!isRecord(value)) return value;
  const { metadata, items } = value;
  const bare = isRecord(metadata) && "managedFields" in metadata ? { ...value, metadata: Object.fromEntries(Object.entries(metadata).filter(([name]) => name !== "managedFields")) } : value;
  return Array.isArray(items) ? { ...bare, items: items.map(withoutOwners) } : bare;
}

type Target = NonNullable<NonNullable<Audited["info"]>["target"]>;

const objectRef = ({ group, version, resource, namespace, name, subresource }: Target): Record<string, string> => ({
  resource, ...(namespace !== "" && { namespace }), ...(name !== "" && { name }), ...(group !== "" && { apiGroup: group }), apiVersion: version, ...(subresource !== "" && { subresource }),
});

const userOf = (user: Audited["user"]): Record<string, unknown> =>
  user === undefined ? {} : { username: user.name, ...(user.uid !== undefined && { uid: user.uid }), groups: user.groups, ...(user.extra !== undefined && Object.keys(user.extra).length > 0 && { extra: user.extra }) };

/** A client that puts its token where it does not belong shall not find it in a log. */
const withoutTokens = (url: string): string => url.replaceAll(/((?:access_)?token=)[^&]*/gi, "$1<redacted>");
