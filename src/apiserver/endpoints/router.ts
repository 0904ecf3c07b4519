import type { Duplex } from "node:stream";
import { apiSchema } from "#api/schema.ts";
import type { HttpResponse } from "#base/http.ts";
import { methodNotAllowed, methodNotSupported, notFound, StatusError } from "#apimachinery/status.ts";
import { compressed } from "../filters/compression.ts";
import type { RequestContext } from "../filters/context.ts";
import { textResponse } from "../filters/responses.ts";
import { notServed, type Target } from "../filters/request-info.ts";
import { groupResourceOf } from "../registry/registry.ts";
import type { AnyResource, Streaming, Subresource, Verb } from "../registry/resource.ts";
import type { KubeObject } from "#apimachinery/meta.ts";
import type { Call, Endpoint, EndpointDeps } from "./call.ts";
import { connect, connectUpgrade } from "./connect.ts";
import { create } from "./create.ts";
import { deleteCollection } from "./delete-collection.ts";
import { deleteOne } from "./delete.ts";
import { get } from "./get.ts";
import { list } from "./list.ts";
import { manyRouted, negotiate, oneRouted, type Offer } from "./negotiation.ts";
import { patch } from "./patch.ts";
import { scale } from "./scale.ts";
import { update } from "./update.ts";
import { inFormat } from "./value-bytes.ts";
import { watch } from "./watch.ts";

const byVerb: Readonly<Record<Verb, Endpoint>> = { create, get, list, watch, update, patch, delete: deleteOne, deletecollection: deleteCollection };
/** A group that is not served is no path at all, nor is a custom resource in another scope than its own. Upstream: customresource_handler.go, the delegate of crdHandler */
const noSuchPath: HttpResponse = textResponse(404, "404 page not found\n");
const named: ReadonlySet<string> = new Set(["get", "update", "patch", "delete"]);

/** Answers a request for a resource. Throws NotFound for what is not served, MethodNotAllowed for what cannot be done. */
export async function serveResource(deps: EndpointDeps, ctx: RequestContext, target: Target): Promise<HttpResponse> {
  const resource = deps.registry.find(target.group, target.version, target.resource);
  if (resource === undefined ? !deps.registry.serves(target.group) : resource.custom !== undefined && !inScope(resource, target, ctx.info.verb)) return noSuchPath;
  const call = callOf(deps, ctx, target);
  const endpoint = endpointOf(call);
  if (call.place.resource.deprecated !== undefined) ctx.warnings.add(call.place.resource.deprecated);
  if (endpoint === connect) return await connect(call);
  const accepted = negotiate({ headers: ctx.request.headers, query: ctx.info.query }, offerOf(call));
  const response = inFormat(await endpoint({ ...call, accepted }), accepted);
  return ctx.info.verb === "watch" ? response : await compressed(ctx.request, response);
}

const many: ReadonlySet<string> = new Set(["list", "watch"]);

/** Virtual kinds have no table; custom ones no protobuf. */
function offerOf({ deps, place, target, ctx }: Call): Offer {
  const { resource } = place;
  const virtual = deps.actions.has(pathOf(place.resource, target)) || target.subresource === "scale";
  return { shapes: virtual ? [] : ["Table", "PartialObjectMetadata"], protobuf: virtual || apiSchema.types[resource.schema] !== undefined, stream: ctx.info.verb === "watch", ...(resource.custom === undefined && { routed: many.has(ctx.info.verb) ? manyRouted : oneRouted }) };
}

const pathOf = ({ group, names }: AnyResource, { subresource }: Target): string => (subresource === "" ? `${group}/${names.plural}` : `${group}/${names.plural}/${subresource}`);

/** Serves a request that leaves HTTP (exec, attach, port-forward, proxies). Throws before anything is written to the socket. */
export async function serveResourceUpgrade(deps: EndpointDeps, ctx: RequestContext, target: Target, socket: Duplex, head: Buffer): Promise<void> {
  const call = callOf(deps, ctx, target);
  if (call.place.resource.subresources?.[target.subresource]?.type !== "connect") throw methodNotAllowed();
  await connectUpgrade(call, socket, head);
}

function callOf(deps: EndpointDeps, ctx: RequestContext, target: Target): Call {
  const resource = deps.registry.find(target.group, target.version, target.resource);
  if (resource === undefined || !inScope(resource, target, ctx.info.verb)) throw notServed();
  const namespace = resource.scope === "Cluster" ? "" : target.namespace;
  if (resource.deprecation !== undefined) ctx.warnings.add(resource.deprecation);
  return { deps, ctx, target, place: { resource, namespace, name: target.name }, accepted: { format: "json", pretty: false } };
}

/** The scope is the resource's, whatever the URL says: a namespace in the path of a cluster-scoped resource is another path. */
function inScope(resource: AnyResource, { namespace, name, resource: plural, group }: Target, verb: string): boolean {
  if (resource.scope === "Cluster") return namespace === "" || (plural === "namespaces" && group === "");
  return namespace !== "" || (name === "" && !named.has(verb)) || (verb === "watch" || verb === "list");
}

function endpointOf({ deps, ctx, target, place }: Call): Endpoint {
  const { verb } = ctx.info;
  if (ctx.request.method === "HEAD" && target.subresource !== "proxy") throw methodNotAllowed();
  const { verbs, subresources, scope } = place.resource;
  const action = deps.actions.get(pathOf(place.resource, target));
  if (action !== undefined && verb === "create") return action;
  const sub = subresources?.[target.subresource];
  if (sub === undefined && target.subresource !== "" && place.resource.custom !== undefined) throw notFound(groupResourceOf(place.resource), target.name);
  if (target.subresource !== "") return subresourceEndpoint(sub, verb);
  const bare = verb === "create" && (target.name !== "" || (scope === "Namespaced" && target.namespace === ""));
  const nameless = named.has(verb) && target.name === "";
  if (verb === "create" && place.resource.custom?.terminating === true) throw terminating(place.resource);
  if (!isVerb(verb) || bare || nameless || action !== undefined || !(verbs?.includes(verb) ?? true)) throw methodNotAllowed();
  return byVerb[verb];
}

const isWriteVerb = (verb: string): verb is "get" | "update" | "patch" => verb === "get" || verb === "update" || verb === "patch";
const isVerb = (verb: string): verb is Verb => Object.hasOwn(byVerb, verb);

function subresourceEndpoint(sub: Subresource<KubeObject> | undefined, verb: string): Endpoint {
  if (sub === undefined) throw notServed();
  if (sub.type === "connect" && serves(sub, verb)) return connect;
  if (sub.type === "scale") return scale;
  if (sub.type === "write" && isWriteVerb(verb) && (sub.verbs?.includes(verb) ?? true)) return byVerb[verb];
  throw methodNotAllowed();
}

/** A proxy, which can be deleted through, takes every method there is. */
const serves = ({ verbs }: Streaming, verb: string): boolean => verbs.some((v) => v === verb) || (verb === "options" && verbs.includes("delete"));

/** Upstream: apiextensions-apiserver/pkg/apiserver/customresource_handler.go serveResource */
function terminating(resource: AnyResource): StatusError {
  const { reason, details } = methodNotSupported(groupResourceOf(resource), "create");
  return new StatusError(reason, "create not allowed while custom resource definition is terminating", details);
}
