/** The API server: everything between a connection and the store, put together. */
import type { Duplex } from "node:stream";
import { apiSchema } from "#api/schema.ts";
import type { Clock } from "#base/clock.ts";
import { untilAborted, type Component } from "#base/component.ts";
import type { HttpHandler, HttpRequest } from "#base/http.ts";
import type { Logger } from "#base/log.ts";
import { Places } from "#base/places.ts";
import type { Store } from "#storage/store.ts";
import type { Reader } from "./admission/attributes.ts";
import { admissionChain, defaultAdmission } from "./admission/chain.ts";
import { PolicyStatus } from "./admission/policies/policy-status.ts";
import { servedKinds } from "./admission/policies/served-kinds.ts";
import { resourceQuota, type SaveQuota } from "./admission/resource-quota.ts";
import { newAuthenticator } from "./authn/authenticator.ts";
import { LegacyUse } from "./authn/legacy-use.ts";
import { ServiceAccountTokens } from "./authn/service-account-tokens.ts";
import { tokenKeys, type ServiceAccountKeys } from "./authn/token-keys.ts";
import { masters, union, type Authorizer } from "./authz/authorizer.ts";
import { escalationCheck } from "./authz/escalation.ts";
import { nodeAuthorizer } from "./authz/node/authorizer.ts";
import { RbacIndex } from "./authz/rbac-index.ts";
import { rbacAuthorizer } from "./authz/rbac.ts";
import { cacheDifferences } from "./cacher/consistency.ts";
import { Feed } from "./cacher/feed.ts";
import type { Connect } from "./connect/connect.ts";
import { actionsOf } from "./endpoints/actions.ts";
import type { EndpointDeps } from "./endpoints/call.ts";
import { serveResource, serveResourceUpgrade } from "./endpoints/router.ts";
import { Auditor } from "./audit/auditor.ts";
import type { Policy } from "./audit/policy.ts";
import { newChain } from "./filters/chain.ts";
import { Deadlines } from "./filters/deadline.ts";
import { InFlight } from "./filters/in-flight.ts";
import { notServed } from "./filters/request-info.ts";
import { FlowControl } from "./flowcontrol/flow-control.ts";
import { hookChecks, type Started } from "./health/hooks.ts";
import { newMetrics } from "./health/metrics.ts";
import { Front, type ListenOptions } from "./http/front.ts";
import { compactor } from "./compactor.ts";
import { eventExpiry } from "./event-expiry.ts";
import { CustomApiServices } from "./crd/api-services.ts";
import { Definitions } from "./crd/controller.ts";
import { optionalResources } from "./registry/kinds.ts";
import { metricsKinds } from "./registry/metrics/metrics.ts";
import { newReader } from "./registry/reader.ts";
import { Registry } from "./registry/registry.ts";
import type { AnyResource } from "./registry/resource.ts";
import { quotaSaver } from "./registry/save-quota.ts";
import type { AdmissionSteps, StorageDeps } from "./registry/writes.ts";
import { pathsHandler } from "./paths-handler.ts";
import type { ApiServerSettings } from "./settings.ts";
import { UsageScraper } from "./usage/scraper.ts";

export interface ApiServerOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  readonly kinds: readonly AnyResource[];
  readonly serviceAccountKeys: ServiceAccountKeys;
  /** `iss` of service account tokens, and their default audience. */
  readonly issuer: string;
  /** Where Services get their addresses from, e.g. `10.43.0.0/16`. */
  readonly serviceCidr: string;
  /** The way to nodes, for logs, exec and the like, given what reads the caches; without it they answer 503, and metrics.k8s.io is not served. */
  readonly connect?: (reader: Reader) => Connect;
  /** What `kubectl explain` says of a type (empty field) or of one of its fields. */
  readonly describe?: (type: string, field: string) => string | undefined;
  /** Gets events (audit.k8s.io/v1) of the requests that the policy wants written down. */
  readonly audit?: { readonly policy: Policy; write(event: Readonly<Record<string, unknown>>): void };
  readonly limits?: Partial<Limits>;
  /** What whoever puts the server together does once when it starts; its health tells of it. */
  readonly started?: Pick<Started, "objects" | "parts">;
  /** History is forgotten after this time. Default 5 minutes. */
  readonly compactAfterMs?: number;
  readonly settings?: ApiServerSettings;
}

export interface Limits {
  /** Seats that requests share by priority and fairness. Upstream: --max-requests-inflight and --max-mutating-requests-inflight */
  readonly seats: number;
  /** Watches, logs that are followed and other streams, of one user. */
  readonly streamsPerUser: number;
  /** Changes of each resource that are kept for watchers who come back. Upstream: --default-watch-cache-size */
  readonly watchCacheEvents: number;
}
const historyReadersAtOnce = 4;
const defaultLimits: Limits = { seats: 600, streamsPerUser: 3000, watchCacheEvents: 4096 };

export interface ApiServer extends Component {
  /** @param others ends when nobody in this process asks any more: until then, and not for long, requests in the process are answered after the signal */
  run(signal: AbortSignal, others?: Promise<void>): Promise<void>;
  /** The whole filter chain; callers in the process use it with an identity. */
  readonly handler: HttpHandler;
  /** Resolves with the port when connections are taken. Rejects when the address is in use. */
  listen(options: ListenOptions): Promise<number>;
  /** Resolves when the caches are filled and requests can be answered. */
  readonly ready: Promise<void>;
  /** How the watch cache differs from the store; not at all, or something is wrong with this server. */
  cacheDifferences(): Promise<readonly string[]>;
}

/** Makes an API server over a store. `run` feeds its caches and, when its signal aborts, stops it in good order; the store stays open. */
export function newApiServer(options: ApiServerOptions): ApiServer {
  const { store, clock, log, settings = {} } = options;
  const stopping = new AbortController();
  const limits = { ...defaultLimits, ...options.limits };
  const feed = new Feed(store, clock, log, limits.watchCacheEvents);
  const reader = newReader(feed);
  const connect = options.connect?.(reader);
  const scraper = connect && new UsageScraper({ reader, connect, clock, log, ...(settings.metricsEveryMs !== undefined && { everyMs: settings.metricsEveryMs }) });
  const registry = new Registry([...options.kinds, ...optionalResources(settings.optional ?? []), ...(scraper === undefined ? [] : metricsKinds({ usage: scraper, reader, clock }))]);
  const index = new RbacIndex(feed);
  const authorizer = union([masters, nodeAuthorizer(feed), rbacAuthorizer(index)]);
  const keys = tokenKeys(options.serviceAccountKeys);
  const tokens = new ServiceAccountTokens({ keys, issuer: options.issuer, audiences: [options.issuer], clock, reader, legacyUsed: (secret) => legacyUse.note(secret) });
  const inFlight = new InFlight(limits.streamsPerUser);
  const known = (group: string, version: string, resource: string, subresource = ""): boolean => {
    const found = registry.find(group, version, resource);
    return found !== undefined && (subresource === "" || Object.hasOwn(found.subresources ?? {}, subresource));
  };
  const metrics = newMetrics({ known, requests: () => inFlight.requests, streams: () => inFlight.streams, objects: () => feed.sizes, levels: () => flow.levels });
  const flow = new FlowControl(feed, clock, limits.seats, metrics.flow);
  const storage: StorageDeps = { store, feed, clock, reader, admission: admission(options, index, authorizer, registry, quotaSaver(() => storage)) };
  const legacyUse = new LegacyUse({ storage, log });
  const definitions = new Definitions({ storage, registry, log });
  const customServices = new CustomApiServices({ storage, definitions, log });
  const policyStatus = new PolicyStatus({ storage, registry, log });
  const endpoints: EndpointDeps = {
    historyReaders: new Places(historyReadersAtOnce),
    watchEvents: ({ group, version, names }, events, bytes) => metrics.watchEvents(group, version, names.plural, events, bytes),
    storage, registry, clock, stopping: stopping.signal, connect, authorizer, actions: actionsOf({ tokens, authorizer, index, issuer: options.issuer, settings }),
  };
  const front: { current?: Front; address: string } = { address: "127.0.0.1" };
  const paths = pathsHandler({
    registry, metrics, keys, clock, issuer: options.issuer, schema: apiSchema, ...(options.describe && { describe: options.describe }), serverAddress: () => front.address,
    checks: [
      { name: "ping", check: () => undefined },
      { name: "log", check: () => undefined }, // each line is written as it comes
      { name: "etcd", check: () => storeAnswers(store, clock) },
      { name: "etcd-readiness", readinessOnly: true, check: () => storeAnswers(store, clock) },
      { name: "informer-sync", readinessOnly: true, check: () => (feed.revision > 0 || feed.isLoaded ? undefined : "the caches are not filled") },
      ...hookChecks({ caches: feed.loaded, definitions: definitions.ready, ...options.started }),
      { name: "shutdown", readinessOnly: true, check: () => (stopping.signal.aborted ? "process is shutting down" : undefined) },
    ],
  });
  const { audit } = options;
  const chain = newChain({
    clock, log, authorizer, flow, inFlight, deadlines: new Deadlines(clock, stopping.signal), auditor: audit && new Auditor({ policy: audit.policy, now: () => clock.now(), write: (event) => audit.write(event) }),
    authenticator: newAuthenticator(async (token) => (await tokens.verify(token))?.user),
    observe: (event) => metrics.observe(event),
    serve: async (ctx) => {
      if (ctx.info.target === undefined) return paths(ctx);
      await definitions.ready;
      return serveResource(endpoints, ctx, ctx.info.target);
    },
    serveUpgrade: async (ctx, socket, head) => {
      if (ctx.info.target === undefined) throw notServed();
      await serveResourceUpgrade(endpoints, ctx, ctx.info.target, socket, head);
    },
  });

  return {
    name: "apiserver",
    handler: chain.handler,
    ready: definitions.ready,
    cacheDifferences: () => cacheDifferences(feed, store),
    async listen({ host, port, tls, requestHeader }) {
      front.current = new Front({ clock, log, handler: chain.handler, upgrade: (request: HttpRequest, socket: Duplex, head: Buffer) => chain.upgrade(request, socket, head) }, { tls, ...(requestHeader && { requestHeader }) });
      const bound = await front.current.listen({ host, port });
      front.address = `${host}:${bound}`;
      return bound;
    },
    async run(signal, others = Promise.resolve()) {
      const feeding = new AbortController(); // the caches live until the last request is answered
      const caches = feed.run(feeding.signal);
      const custom = definitions.run(signal);
      const services = customServices.run(signal);
      const policies = policyStatus.run(signal);
      const scraping = scraper?.run(signal);
      const compacting = compactor(store, clock, log, options.compactAfterMs).run(signal);
      const expiring = eventExpiry({ store, feed, clock, log }, settings.eventTtlMs).run(signal);
      await untilAborted(signal);
      stopping.abort();
      await front.current?.close();
      await inTime(others, lastWordsMs, clock);
      feeding.abort();
      await Promise.all([caches, compacting, expiring, custom, services, policies, scraping]);
    },
  };
}

/** Built-in admission, then that nobody hands out more rights than they have, and last what it costs. */
function admission({ clock, serviceCidr, store, settings = {} }: ApiServerOptions, index: RbacIndex, authorizer: Authorizer, registry: Registry, saveQuota: SaveQuota): AdmissionSteps {
  const builtIn = defaultAdmission({ clock, serviceCidr, authorizer, store, served: servedKinds(registry), settings });
  const last = admissionChain([escalationCheck(index, authorizer), resourceQuota(clock, saveQuota)]);
  return {
    admit: (attributes, object) => builtIn.admit(attributes, object),
    async validate(attributes, object) {
      await builtIn.validate(attributes, object);
      await last.validate(attributes, object);
    },
  };
}

/** For what runs in this process and still asks when nobody else does. */
const lastWordsMs = 5_000;

/** Resolves when the work has ended, or the time is over. */
async function inTime(work: Promise<void>, ms: number, clock: Clock): Promise<void> {
  const done = new AbortController();
  await Promise.race([work, clock.sleep(ms, done.signal).catch(() => {})]);
  done.abort();
}

/** Upstream: apiserver/pkg/storage/storagebackend/factory newETCD3ReadyCheck, healthcheck timeout */
const storeCheckMs = 2_000;

/** What is wrong with the store, told in time even where it stands still. */
async function storeAnswers(store: Store, clock: Clock): Promise<string | undefined> {
  const silent = "the store does not answer";
  const done = new AbortController();
  const late = clock.sleep(storeCheckMs, done.signal).then(() => silent, () => undefined);
  try {
    return await Promise.race([store.revision().then(() => undefined, () => silent), late]);
  } finally {
    done.abort();
  }
}
