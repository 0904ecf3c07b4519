import type { ApiSchema } from "#apimachinery/schema.ts";
import { methodNotAllowed } from "#apimachinery/status.ts";
import type { Clock } from "#base/clock.ts";
import type { HttpResponse } from "#base/http.ts";
import type { TokenKeys } from "./authn/token-keys.ts";
import { discoveryHandler } from "./discovery/handler.ts";
import { negotiate, plainOffer, type Asking } from "./endpoints/negotiation.ts";
import { inFormat } from "./endpoints/value-bytes.ts";
import type { RequestContext } from "./filters/context.ts";
import { notServed } from "./filters/request-info.ts";
import { isValueResponse, jsonResponse, textResponse } from "./filters/responses.ts";
import { healthHandler, healthPaths, type HealthCheck } from "./health/health.ts";
import type { Metrics } from "./health/metrics.ts";
import type { Describe } from "./openapi/definitions.ts";
import { openApiHandler } from "./openapi/handler.ts";
import type { Registry } from "./registry/registry.ts";
import { apiVersionInfo } from "./version.ts";

export interface PathsDeps {
  readonly registry: Registry;
  readonly metrics: Metrics;
  readonly keys: TokenKeys;
  readonly issuer: string;
  readonly schema: ApiSchema;
  readonly clock: Clock;
  readonly checks: readonly HealthCheck[];
  readonly serverAddress: () => string;
  readonly describe?: Describe;
}

/** Everything that is not a resource: discovery, OpenAPI, health, version, metrics, the issuer's keys. 404 for the rest. */
export function pathsHandler(deps: PathsDeps): (ctx: RequestContext) => Promise<HttpResponse> {
  const discovery = discoveryHandler(deps.registry, deps.serverAddress);
  const openApi = openApiHandler({ registry: deps.registry, schema: deps.schema, clock: deps.clock, version: apiVersionInfo.gitVersion, ...(deps.describe && { describe: deps.describe }) });
  const health = healthHandler(deps.checks);
  return async ({ request, info: { path, query } }) => {
    if (request.method !== "GET" && readOnly.test(path)) throw methodNotAllowed();
    return negotiated(discovery(request, path), { headers: request.headers, query }) ?? (await openApi(request)) ?? (await health(path, query)) ?? (await fixed(deps, path)) ?? unknown(path, deps);
  };
}

/** Documents that upstream's router serves to GET alone; its other paths take any method. */
const readOnly = /^\/(?:apis?|version|openid|\.well-known)(?:\/|$)/;

const negotiated = (found: HttpResponse | undefined, asking: Asking): HttpResponse | undefined =>
  found && (isValueResponse(found) ? inFormat(found, negotiate(asking, plainOffer)) : found);

async function fixed({ metrics, keys, issuer, registry, checks }: PathsDeps, path: string): Promise<HttpResponse | undefined> {
  switch (path) {
    case "/version": case "/version/": return jsonResponse(200, apiVersionInfo);
    case "/metrics": return textResponse(200, await metrics.text(), { "content-type": metrics.contentType });
    case "/openid/v1/jwks": return jsonResponse(200, await keys.jwks(), { "content-type": "application/jwk-set+json" });
    case "/.well-known/openid-configuration": return jsonResponse(200, openIdConfiguration(issuer, keys));
    case "/": return jsonResponse(200, { paths: rootPaths(registry, checks) });
    default: return undefined;
  }
}

/** Upstream: pkg/serviceaccount/openidmetadata.go */
const openIdConfiguration = (issuer: string, { algorithm }: TokenKeys): Record<string, unknown> => ({
  issuer, jwks_uri: `${issuer}/openid/v1/jwks`, response_types_supported: ["id_token"], subject_types_supported: ["public"], id_token_signing_alg_values_supported: [algorithm],
});

function rootPaths({ all }: Registry, checks: readonly HealthCheck[]): string[] {
  const groups = all.filter(({ group }) => group !== "").flatMap(({ group, version }) => [`/apis/${group}`, `/apis/${group}/${version}`]);
  const own = ["/.well-known/openid-configuration", "/api", "/api/v1", "/apis", "/healthz", "/livez", "/metrics", "/openapi/v2", "/openapi/v3", "/openid/v1/jwks", "/readyz", "/version"];
  return [...new Set([...own, ...groups, ...healthPaths(checks)])].toSorted();
}

/** Under a group of ours the router answers; a group that is not served is no path at all; elsewhere upstream says which paths there are. Upstream: apiserver/pkg/server/routes/index.go */
function unknown(path: string, { registry, checks }: PathsDeps): HttpResponse {
  const [, root, group = ""] = path.split("/");
  if (root === "api" || (root === "apis" && registry.serves(group))) throw notServed();
  return path.startsWith("/api") ? textResponse(404, "404 page not found\n") : jsonResponse(404, { paths: rootPaths(registry, checks) });
}
