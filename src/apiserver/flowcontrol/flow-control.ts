/** Priority and fairness: who may have how much of the server at a time. Upstream: apiserver/pkg/util/flowcontrol */
import type { FlowSchema, PriorityLevelConfiguration } from "#api/gen/flowcontrol-v1.ts";
import type { KubeObject } from "#apimachinery/meta.ts";
import type { Clock } from "#base/clock.ts";
import type { HttpResponse } from "#base/http.ts";
import type { Cache } from "../cacher/cache.ts";
import type { Feed } from "../cacher/feed.ts";
import { prefixOf } from "../cacher/keys.ts";
import type { RequestContext } from "../filters/context.ts";
import { textResponse } from "../filters/responses.ts";
import { mandatoryLevels, mandatorySchemas } from "../registry/flowcontrol/bootstrap.ts";
import { compiled, type CompiledSchema } from "./match.ts";
import { inLine, PriorityLevel, type Entered, type Refusal } from "./priority-level.ts";
import { seatsOf } from "./seats.ts";
import { whenOver } from "../filters/when-over.ts";

const group = "flowcontrol.apiserver.k8s.io";
/** A quarter of what a request may take. Upstream: requestWaitLimit */
const waitMs = 15_000;

export interface FlowEvents {
  dispatched(schema: string, level: string): void;
  rejected(schema: string, level: string, why: Refusal): void;
}
interface Config { readonly schemas: readonly CompiledSchema[]; readonly levels: ReadonlyMap<string, PriorityLevel>; readonly edition: string }

export class FlowControl {
  readonly #feed: Feed;
  readonly #clock: Clock;
  readonly #total: number;
  readonly #events: FlowEvents;
  readonly #caches: readonly [schemas: Cache, levels: Cache];
  #config: Config;
  #inUse = 0;

  /** @param total seats of the server, all levels together. Upstream: --max-requests-inflight and --max-mutating-requests-inflight */
  constructor(feed: Feed, clock: Clock, total: number, events: FlowEvents) {
    this.#feed = feed;
    this.#clock = clock;
    this.#total = total;
    this.#events = events;
    this.#caches = [feed.cache(prefixOf({ group, plural: "flowschemas" })), feed.cache(prefixOf({ group, plural: "prioritylevelconfigurations" }))];
    this.#config = this.#compile(new Map());
  }

  get levels(): Iterable<PriorityLevel> {
    return this.#current().levels.values();
  }

  /** Runs `serve` when there is room, and answers 429 when there will not be. @param until the head: a watch gives its seat back as soon as it follows */
  async run(ctx: RequestContext, until: "head" | "end", serve: () => Promise<HttpResponse>): Promise<HttpResponse> {
    const { schemas, levels } = this.#current();
    const schema = schemas.find(({ matches }) => matches(ctx)) ?? (schemas.at(-1) as CompiledSchema);
    const level = levels.get(schema.level) ?? (levels.get("catch-all") as PriorityLevel);
    const headers = { "x-kubernetes-pf-flowschema-uid": schema.uid, "x-kubernetes-pf-prioritylevel-uid": level.uid };
    const entered = await this.#enter(ctx, schema, level);
    if (!entered.ok) {
      this.#events.rejected(schema.name, level.name, entered.why);
      return textResponse(429, "Too many requests, please try again later.\n", { ...headers, "retry-after": "1" });
    }
    this.#events.dispatched(schema.name, level.name);
    try {
      const response = await serve();
      const streams = !(response.body instanceof Uint8Array) && until === "end";
      if (!streams) entered.leave();
      return { ...response, headers: { ...response.headers, ...headers }, body: streams ? whenOver(response.body as AsyncIterable<Uint8Array>, entered.leave) : response.body };
    } catch (err) {
      entered.leave();
      throw err;
    }
  }

  async #enter(ctx: RequestContext, schema: CompiledSchema, level: PriorityLevel): Promise<Entered> {
    const seats = level.exempt ? 1 : seatsOf(ctx.info, (of, plural) => this.#feed.cache(prefixOf({ group: of, plural })));
    let gone = false;
    const leave = (): void => {
      if (gone) return;
      gone = true;
      this.#inUse -= seats;
      level.rise(seats);
      this.#admit(level);
    };
    const seated = (): void => { this.#inUse += seats; };
    if (level.waiting === 0 && level.fits(seats, () => this.#spare(level))) {
      level.sit(seats);
      seated();
      return { ok: true, leave };
    }
    return await inLine(level, `${schema.name}\0${schema.flow(ctx)}`, seats, { clock: this.#clock, waitMs, signal: ctx.request.signal, seated, leave });
  }

  /** Freed seats go to the level's own line first, then to those that borrow. */
  #admit(first: PriorityLevel): void {
    for (const level of first.waiting > 0 ? [first, ...this.#config.levels.values()] : this.#config.levels.values()) {
      if (level.waiting > 0) level.admit(() => this.#spare(level));
    }
  }

  #spare(asking: PriorityLevel): number {
    let free = this.#total - this.#inUse;
    for (const level of this.#config.levels.values()) if (level !== asking) free -= level.reserved;
    return free;
  }

  /** Compiled anew when somebody changed a schema or a level; whoever is seated in an old level stays there. */
  #current(): Config {
    const [schemas, levels] = this.#caches;
    const edition = `${schemas.changed} ${levels.changed}`;
    if (edition === this.#config.edition) return this.#config;
    return (this.#config = this.#compile(this.#config.levels, edition));
  }

  #compile(old: ReadonlyMap<string, PriorityLevel>, edition = ""): Config {
    const [schemas, levels] = this.#caches.map((cache) => cache.list(cache.prefix).map((item) => item.shared)) as [FlowSchema[], PriorityLevelConfiguration[]];
    const configured = withMandatory(levels, mandatoryLevels);
    const shares = configured.reduce((sum, { spec }) => sum + (spec.type === "Limited" ? (spec.limited?.nominalConcurrencyShares ?? 30) : 0), 0);
    const made = configured.map((level): [string, PriorityLevel] => [level.metadata.name, new PriorityLevel(level, this.#total, shares)]);
    for (const level of old.values()) level.admit(() => Number.POSITIVE_INFINITY); // nobody waits in a line that is no longer served
    return { schemas: compiled(withMandatory(schemas, mandatorySchemas)), levels: new Map(made), edition };
  }
}

const withMandatory = <T extends KubeObject>(given: readonly T[], mandatory: readonly T[]): T[] =>
  [...given, ...mandatory.filter(({ metadata }) => !given.some((own) => own.metadata.name === metadata.name))];
