import type { Clock } from "#base/clock.ts";
import type { HttpResponse } from "#base/http.ts";
import type { Places } from "#base/places.ts";
import { forbiddenError, requestOf, type Authorizer } from "../authz/authorizer.ts";
import type { Connect } from "../connect/connect.ts";
import type { RequestContext } from "../filters/context.ts";
import type { Target } from "../filters/request-info.ts";
import type { Registry } from "../registry/registry.ts";
import type { AnyResource } from "../registry/resource.ts";
import type { Place, StorageDeps, WriteContext } from "../registry/writes.ts";
import { managerOf } from "./field-manager.ts";
import type { Accepted } from "./negotiation.ts";
import { givenOptions } from "./options.ts";

/** What endpoints work with. */
export interface EndpointDeps {
  readonly storage: StorageDeps;
  readonly registry: Registry;
  readonly clock: Clock;
  /** Aborts when the server stops: streams end then, other requests may finish. */
  readonly stopping: AbortSignal;
  readonly connect: Connect | undefined;
  /** Told of what watches send. */
  readonly watchEvents: (resource: AnyResource, events: number, bytes: number) => void;
  /** Of watches that are told what only the store remembers: each holds a piece of it while its client does not read. */
  readonly historyReaders: Places;
  readonly authorizer: Authorizer;
  /** POSTs that store nothing of their own: by `group/resource` or `group/resource/subresource`. */
  readonly actions: ReadonlyMap<string, Endpoint>;
}

/** One request for one resource. */
export interface Call {
  readonly deps: EndpointDeps;
  readonly ctx: RequestContext;
  readonly target: Target;
  readonly place: Place;
  /** How the answer is to look. */
  readonly accepted: Accepted;
}

export type Endpoint = (call: Call) => Promise<HttpResponse>;

/** Who writes, for the write path. @param options those of the URL where left out */
export const writerOf = ({ ctx, deps }: Call, dryRun: boolean, options: WriteContext["options"] = () => givenOptions(ctx.info.query)): WriteContext => ({
  user: ctx.user, verb: ctx.info.verb, dryRun, options, fieldManager: managerOf(ctx),
  warn: (text) => ctx.warnings.add(text),
  annotate: (key, value) => { if (!ctx.annotations.has(key)) ctx.annotations.set(key, value); },
  async mayCreate() {
    const asked = { ...requestOf(ctx.user, ctx.info), verb: "create" };
    const { allowed, reason } = await deps.authorizer.authorize(asked);
    if (!allowed) throw forbiddenError(asked, reason);
  },
});
