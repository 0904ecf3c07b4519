import type { HttpResponse } from "#base/http.ts";
import { pods, secrets, nodes } from "#api/resources.ts";
import type { TokenRequest } from "#api/gen/authentication-v1.ts";
import type { Pod } from "#api/gen/core-v1.ts";
import type { KubeObject } from "#apimachinery/meta.ts";
import { badRequest, conflict, invalid, notFound, type Cause } from "#apimachinery/status.ts";
import { invalidValue } from "#apimachinery/validation/causes.ts";
import { timestamp } from "#apimachinery/time.ts";
import type { Bound, KubernetesClaims } from "../authn/claims.ts";
import type { ServiceAccountTokens } from "../authn/service-account-tokens.ts";
import { jsonResponse } from "../filters/responses.ts";
import { read } from "../registry/generic.ts";
import { attributesOf } from "../registry/writes.ts";
import type { ApiServerSettings } from "../settings.ts";
import { readObject, type BodyKind } from "./body.ts";
import { writerOf, type Call, type Endpoint } from "./call.ts";
import { writeOptions } from "./options.ts";

const kind: BodyKind = { group: "authentication.k8s.io", version: "v1", kind: "TokenRequest", schema: "authentication/v1.TokenRequest" };
const minSeconds = 600;
const maxSeconds = 2 ** 32;
const defaultSeconds = 3600;
/** What kubelets ask for; such a token lives longer, for clients that do not read it again. Upstream: ExpirationExtensionSeconds */
const podTokenSeconds = 3607;
const extendedSeconds = 365 * 24 * 3600;

export type TokenSettings = Pick<ApiServerSettings, "maxTokenMs" | "extendTokens">;

/** POST of `serviceaccounts/<name>/token`. Upstream: pkg/registry/core/serviceaccount/storage/token.go */
export function tokenRequest(tokens: ServiceAccountTokens, defaultAudiences: readonly string[], { maxTokenMs = 0, extendTokens = true }: TokenSettings = {}): Endpoint {
  return async (call): Promise<HttpResponse> => {
    const { ctx, deps, place } = call;
    const { fieldValidation, dryRun } = writeOptions(ctx.info.query, "CreateOptions");
    const request = await readObject<TokenRequest & KubeObject>(ctx, kind, fieldValidation);
    const admission = attributesOf(deps.storage, writerOf(call, dryRun), place, "CREATE", "token");
    await deps.storage.admission.admit(admission, request);
    const account = (await read(deps.storage, place)).parse();
    const { name, namespace } = request.metadata;
    if (name && name !== place.name) throw badRequest(`the name of the object (${name}) does not match the name on the URL (${place.name})`);
    if (namespace && namespace !== place.namespace) throw badRequest("the namespace of the provided object does not match the namespace sent on the request");
    const audiences = (request.spec.audiences ?? []).length > 0 ? request.spec.audiences ?? [] : defaultAudiences;
    const wished = request.spec.expirationSeconds ?? defaultSeconds;
    refuse(request, wished);
    await deps.storage.admission.validate(admission, { ...request, spec: { ...request.spec, audiences } } as KubeObject);
    const bound = await boundObject(call, request);
    const asked = maxTokenMs > 0 ? Math.min(wished, Math.floor(maxTokenMs / 1000)) : wished;
    if (asked < wished) ctx.warnings.add(`requested expiration of ${wished} seconds shortened to ${asked} seconds`);
    const extended = extendTokens && asked === podTokenSeconds && bound.pod !== undefined && audiences.every((a) => defaultAudiences.includes(a));
    const warnafter = Math.floor(deps.clock.now() / 1000) + asked;
    const claims: KubernetesClaims = { namespace: place.namespace, ...bound, serviceaccount: { name: place.name, uid: account.metadata.uid ?? "" }, ...(extended && { warnafter }) };
    const issued = dryRun ? { token: "", expires: deps.clock.now() } : await tokens.issue(claims, audiences, extended ? extendedSeconds : asked);
    const expires = extended ? warnafter * 1000 : issued.expires;
    return jsonResponse(201, {
      kind: "TokenRequest", apiVersion: "authentication.k8s.io/v1",
      metadata: { name: place.name, namespace: place.namespace, creationTimestamp: timestamp(deps.clock.now()) },
      spec: { ...request.spec, audiences, expirationSeconds: asked },
      status: { token: issued.token, expirationTimestamp: timestamp(expires) },
    });
  };
}

function refuse(request: TokenRequest & KubeObject, seconds: number): void {
  const causes: Cause[] = [];
  if (seconds < minSeconds) causes.push(invalidValue("spec.expirationSeconds", seconds, "may not specify a duration less than 10 minutes"));
  if (seconds > maxSeconds) causes.push(invalidValue("spec.expirationSeconds", seconds, "may not specify a duration larger than 2^32 seconds"));
  if (causes.length > 0) throw invalid({ group: kind.group, kind: kind.kind }, request.metadata.name, causes);
}

/** The object that the token shall end with. */
async function boundObject({ deps, place }: Call, { spec }: TokenRequest): Promise<Pick<KubernetesClaims, "pod" | "secret" | "node">> {
  const ref = spec.boundObjectRef;
  if (ref === undefined || ref === null) return {};
  const { reader } = deps.storage;
  const [name, kindName] = [ref.name ?? "", `${ref.apiVersion ?? ""}, Kind=${ref.kind ?? ""}`];
  const same = (resource: string, found: KubeObject | undefined): Bound => {
    if (found === undefined) throw notFound({ group: "", resource }, name);
    const uid = found.metadata.uid ?? "";
    if (ref.uid && ref.uid !== uid) throw conflict({ group: "", resource }, name, `the UID in the bound object reference (${ref.uid}) does not match the UID in record. The object might have been deleted and then recreated`);
    return { name, uid };
  };
  switch (kindName) {
    case "v1, Kind=Pod": {
      const pod = await reader.get<Pod & KubeObject>(pods, name, place.namespace);
      const bound = same("pods", pod);
      if (pod?.spec.serviceAccountName !== place.name) throw badRequest(`cannot bind token for serviceaccount ${JSON.stringify(place.name)} to pod running with different serviceaccount name.`);
      return { pod: bound, ...(pod.spec.nodeName && { node: await nodeOf(deps.storage.reader, pod.spec.nodeName) }) };
    }
    case "v1, Kind=Secret": return { secret: same("secrets", await reader.get<KubeObject>(secrets, name, place.namespace)) };
    case "v1, Kind=Node": return { node: same("nodes", await reader.get<KubeObject>(nodes, name)) };
    default: throw badRequest(`cannot bind token to object of type ${(ref.apiVersion ?? "").includes("/") ? "" : "/"}${kindName}`);
  }
}

async function nodeOf(reader: Call["deps"]["storage"]["reader"], name: string): Promise<Bound> {
  const node = await reader.get<KubeObject>(nodes, name);
  return { name, uid: node?.metadata.uid ?? "" };
}
