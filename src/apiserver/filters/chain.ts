/** The way of every request, from the transport to its endpoint, in the order in which it is read. */
import { randomUUID } from "node:crypto";
import type { Duplex } from "node:stream";
import type { Clock } from "#base/clock.ts";
import type { HttpHandler, HttpRequest, HttpResponse, Identity } from "#base/http.ts";
import type { Logger } from "#base/log.ts";
import type { Authenticator } from "../authn/authenticator.ts";
import { errorInFormat } from "../endpoints/value-bytes.ts";
import { forbiddenError, requestOf, type Authorizer } from "../authz/authorizer.ts";
import type { RequestContext } from "./context.ts";
import { impersonate } from "./impersonation.ts";
import type { InFlight } from "./in-flight.ts";
import { requestInfo, type RequestInfo } from "./request-info.ts";
import { statusResponse, warningHeader } from "./responses.ts";
import { isStream } from "./streams.ts";

/** One request and its outcome, told when the answer's head is known. */
export interface Audited { readonly id: string; readonly method: string; readonly url: string; readonly info: RequestInfo | undefined; readonly user: Identity | undefined; readonly status: number; readonly ms: number; readonly annotations: ReadonlyMap<string, string> }

export interface ChainDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly authenticator: Authenticator;
  readonly authorizer: Authorizer;
  readonly inFlight: InFlight;
  readonly audit: (event: Audited) => void;
  /** The endpoint of an admitted request. */
  readonly serve: (ctx: RequestContext) => Promise<HttpResponse>;
  /** The same for a request that takes over its connection. */
  readonly serveUpgrade: (ctx: RequestContext, socket: Duplex, head: Buffer) => Promise<void>;
}

export interface Chain {
  readonly handler: HttpHandler;
  /** Throws what the client must be told, as long as nothing was written to the socket. */
  upgrade(request: HttpRequest, socket: Duplex, head: Buffer): Promise<void>;
}

interface Trace { readonly id: string; readonly begun: number; readonly annotations: Map<string, string>; info?: RequestInfo; user?: Identity }

export function newChain(deps: ChainDeps): Chain {
  const handler: HttpHandler = async (request) => {
    const trace: Trace = { id: auditId(request), begun: deps.clock.now(), annotations: new Map() };
    const warnings = new Set<string>();
    const response = await answer(deps, request, trace, warnings);
    tell(deps, request, trace, response.status);
    return { ...response, headers: { ...response.headers, ...common(trace.id, warnings) } };
  };
  const upgrade = async (request: HttpRequest, socket: Duplex, head: Buffer): Promise<void> => {
    const trace: Trace = { id: auditId(request), begun: deps.clock.now(), annotations: new Map() };
    const ctx = await admitted(deps, request, trace, new Set());
    tell(deps, request, trace, 101);
    await deps.serveUpgrade(ctx, socket, head);
  };
  return { handler, upgrade };
}

async function answer(deps: ChainDeps, request: HttpRequest, trace: Trace, warnings: Set<string>): Promise<HttpResponse> {
  try {
    const ctx = await admitted(deps, request, trace, warnings);
    return await deps.inFlight.run(ctx, isStream(ctx.info), () => deps.serve(ctx));
  } catch (err) {
    const response = statusResponse(err);
    if (response.status >= 500 && !request.signal.aborted) deps.log.error({ err, auditId: trace.id, method: request.method, path: trace.info?.path }, "a request failed");
    return errorInFormat(response, { headers: request.headers, query: trace.info?.query ?? new URLSearchParams() });
  }
}

/** Who asks, for what, and that they may. Throws the Status that refuses. */
async function admitted(deps: ChainDeps, request: HttpRequest, trace: Trace, warnings: Set<string>): Promise<RequestContext> {
  const info = (trace.info = requestInfo(request.method, request.url));
  const proven = (trace.user = await deps.authenticator.authenticate(request, info));
  const user = (trace.user = await impersonate(request, proven, deps.authorizer));
  const asked = requestOf(user, info);
  const decision = await deps.authorizer.authorize(asked);
  if (!decision.allowed) throw forbiddenError(asked, decision.reason);
  return { request, info, user, warnings, annotations: trace.annotations };
}

function tell({ clock, audit }: ChainDeps, { method, url }: HttpRequest, { id, begun, info, user, annotations }: Trace, status: number): void {
  audit({ id, method, url, info, user, status, ms: clock.now() - begun, annotations });
}

const auditId = ({ headers }: HttpRequest): string => {
  const given = headers["audit-id"];
  return given !== undefined && /^[\w-]{1,64}$/.test(given) ? given : randomUUID();
};

/** Headers that every answer has. A repeated `Warning` is one header with commas. */
const common = (id: string, warnings: ReadonlySet<string>): Record<string, string> => ({
  "audit-id": id,
  ...(warnings.size > 0 && { warning: [...warnings].map(warningHeader).join(", ") }),
});
