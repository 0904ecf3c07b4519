/**
 * The way of every request, from the transport to its endpoint, in the order in which it is read: what it is, who asks,
 * as whom, is there room, in what time, may they, and only then the endpoint. Whatever is thrown on the way becomes a
 * `metav1.Status`; nothing that a request does ends the process.
 */
import { randomUUID } from "node:crypto";
import type { Duplex } from "node:stream";
import type { Clock } from "#base/clock.ts";
import type { HttpHandler, HttpRequest, HttpResponse, Identity } from "#base/http.ts";
import type { Logger } from "#base/log.ts";
import type { Auditor } from "../audit/auditor.ts";
import type { Authenticator } from "../authn/authenticator.ts";
import { errorInFormat } from "../endpoints/value-bytes.ts";
import { forbiddenError, requestOf, type Authorizer, type Decision } from "../authz/authorizer.ts";
import type { FlowControl } from "../flowcontrol/flow-control.ts";
import type { RequestContext } from "./context.ts";
import type { Deadlines } from "./deadline.ts";
import { impersonate } from "./impersonation.ts";
import type { InFlight } from "./in-flight.ts";
import { requestInfo, type RequestInfo } from "./request-info.ts";
import { statusResponse, warningHeader } from "./responses.ts";
import { isStream } from "./streams.ts";

/** One request and its outcome, told when the answer's head is known. */
export interface Audited extends Trace { readonly request: HttpRequest; readonly status: number; readonly ended: number; /** Of the answer, where it is whole. */ readonly bytes: number | undefined }

export interface ChainDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly authenticator: Authenticator;
  readonly authorizer: Authorizer;
  readonly flow: FlowControl;
  readonly inFlight: InFlight;
  readonly deadlines: Deadlines;
  /** Told of every request, for metrics. */
  readonly observe: (event: Audited) => void;
  /** Writes requests down; absent where nobody wants that. */
  readonly auditor: Auditor | undefined;
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

/** What is known of a request so far. `proven` is who asks, `user` as whom. */
interface Trace { readonly id: string; readonly begun: number; /** Admission's remarks. */ readonly annotations: Map<string, string>; info?: RequestInfo; proven?: Identity; user?: Identity; decision?: Decision; body?: unknown }

export function newChain(deps: ChainDeps): Chain {
  const handler: HttpHandler = async (request) => {
    const trace: Trace = { id: auditId(request), begun: deps.clock.now(), annotations: new Map() };
    const warnings = new Set<string>();
    const response = await answer(deps, request, trace, warnings);
    const event = eventOf(deps, request, trace, response.status, response.body);
    deps.observe(event);
    const told = deps.auditor?.answered(event, response) ?? response;
    return { ...told, headers: { ...told.headers, ...common(trace.id, warnings) } };
  };
  const upgrade = async (request: HttpRequest, socket: Duplex, head: Buffer): Promise<void> => {
    const trace: Trace = { id: auditId(request), begun: deps.clock.now(), annotations: new Map() };
    let status = 101;
    try {
      const ctx = await identified(deps, request, trace, new Set());
      await authorized(deps, ctx, trace);
      await deps.inFlight.upgraded(ctx, () => deps.serveUpgrade(ctx, socket, head));
    } catch (err) {
      status = statusResponse(err).status;
      throw err;
    } finally {
      const event = eventOf(deps, request, trace, status);
      deps.observe(event);
      deps.auditor?.upgraded(event);
    }
  };
  return { handler, upgrade };
}

async function answer(deps: ChainDeps, request: HttpRequest, trace: Trace, warnings: Set<string>): Promise<HttpResponse> {
  try {
    const ctx = await identified(deps, request, trace, warnings);
    return await admitted(deps, ctx, async () => {
      await authorized(deps, ctx, trace);
      return await deps.serve(ctx);
    });
  } catch (err) {
    const response = statusResponse(err, trace.info);
    if (response.status === 500 && !request.signal.aborted) deps.log.error({ err, auditId: trace.id, method: request.method, path: trace.info?.path }, "a request failed");
    return errorInFormat(response, { headers: request.headers, query: trace.info?.query ?? new URLSearchParams() });
  }
}

/** What is asked, by whom and as whom. Throws the Status that refuses. */
async function identified(deps: ChainDeps, request: HttpRequest, trace: Trace, warnings: Set<string>): Promise<RequestContext> {
  const info = (trace.info = requestInfo(request.method, request.url));
  const proven = (trace.proven = await deps.authenticator.authenticate(request, info));
  const user = (trace.user = await impersonate(request, proven, deps.authorizer));
  deps.auditor?.received({ ...trace, request, ended: deps.clock.now() });
  const keeps = deps.auditor?.wantsBody({ user: proven ?? user, info }) ?? false;
  return { request, info, user, warnings, annotations: trace.annotations, ...(keeps && { sent: (body) => { trace.body = body; } }) };
}

/** Room and time: streams have a count of their own, watches share the room of others until they begin to follow. */
function admitted({ flow, inFlight, deadlines }: ChainDeps, ctx: RequestContext, serve: () => Promise<HttpResponse>): Promise<HttpResponse> {
  if (!isStream(ctx.info)) return flow.run(ctx, "end", () => inFlight.run(ctx, () => deadlines.run(ctx, serve)));
  if (ctx.info.verb !== "watch") return inFlight.stream(ctx, serve);
  return flow.run(ctx, "head", () => inFlight.stream(ctx, serve));
}

async function authorized({ authorizer }: ChainDeps, { user, info }: RequestContext, trace: Trace): Promise<void> {
  const asked = requestOf(user, info);
  const decision = (trace.decision = await authorizer.authorize(asked));
  if (!decision.allowed) throw forbiddenError(asked, decision.reason);
}

const eventOf = ({ clock }: ChainDeps, request: HttpRequest, trace: Trace, status: number, body?: HttpResponse["body"]): Audited =>
  ({ ...trace, request, status, ended: clock.now(), bytes: body instanceof Uint8Array ? body.byteLength : undefined });

const auditId = ({ headers }: HttpRequest): string => {
  const given = headers["audit-id"];
  return given !== undefined && /^[\w-]{1,64}$/.test(given) ? given : randomUUID();
};

/** Headers that every answer has. A repeated `Warning` is one header with commas. */
const common = (id: string, warnings: ReadonlySet<string>): Record<string, string> => ({
  "audit-id": id,
  ...(warnings.size > 0 && { warning: [...warnings].map(warningHeader).join(", ") }),
});
