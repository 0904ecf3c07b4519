import type { Duplex } from "node:stream";
import type { HttpResponse } from "#base/http.ts";
import { methodNotSupported, type StatusError } from "#apimachinery/status.ts";
import type { RequestContext } from "../filters/context.ts";
import { notServed, type Target } from "../filters/request-info.ts";
import { groupResourceOf } from "../registry/registry.ts";
import type { AnyResource, Subresource, Verb } from "../registry/resource.ts";
import type { KubeObject } from "#apimachinery/meta.ts";
import type { Call, Endpoint, EndpointDeps } from "./call.ts";
import { connect, connectUpgrade } from "./connect.ts";
import { create } from "./create.ts";
import { deleteCollection } from "./delete-collection.ts";
import { deleteOne } from "./delete.ts";
import { get } from "./get.ts";
import { list } from "./list.ts";
import { patch } from "./patch.ts";
import { scale } from "./scale.ts";
import { update } from "./update.ts";
import { watch } from "./watch.ts";

const byVerb: Readonly<Record<Verb, Endpoint>> = { create, get, list, watch, update, patch, delete: deleteOne, deletecollection: deleteCollection };
const named: ReadonlySet<string> = new Set(["get", "update", "patch", "delete"]);

/** Answers a request for a resource. Throws NotFound for what is not served, MethodNotAllowed for what cannot be done. */
export function serveResource(deps: EndpointDeps, ctx: RequestContext, target: Target): Promise<HttpResponse> {
  const call = callOf(deps, ctx, target);
  return endpointOf(call)(call);
}

export async function serveResourceUpgrade(deps: EndpointDeps, ctx: RequestContext, target: Target, socket: Duplex, head: Buffer): Promise<void> {
  const call = callOf(deps, ctx, target);
  if (call.place.resource.subresources?.[target.subresource]?.type !== "connect") throw notUpgradable(call);
  await connectUpgrade(call, socket, head);
}

function callOf(deps: EndpointDeps, ctx: RequestContext, target: Target): Call {
  const resource = deps.registry.find(target.group, target.version, target.resource);
  if (resource === undefined || !inScope(resource, target, ctx.info.verb)) throw notServed();
  const namespace = resource.scope === "Cluster" ? "" : target.namespace;
  return { deps, ctx, target, place: { resource, namespace, name: target.name } };
}

/** The scope is the resource's, whatever the URL says: a namespace in the path of a cluster-scoped resource is another path. */
function inScope(resource: AnyResource, { namespace, name, resource: plural, group }: Target, verb: string): boolean {
  if (resource.scope === "Cluster") return namespace === "" || (plural === "namespaces" && group === "");
  return namespace !== "" || (name === "" && !named.has(verb)) || (verb === "watch" || verb === "list");
}

function endpointOf({ deps, ctx, target, place }: Call): Endpoint {
  const { verb } = ctx.info;
  const { group, names, verbs, subresources, scope } = place.resource;
  const path = target.subresource === "" ? `${group}/${names.plural}` : `${group}/${names.plural}/${target.subresource}`;
  const action = deps.actions.get(path);
  if (action !== undefined && verb === "create") return action;
  if (target.subresource !== "") return subresourceEndpoint(place.resource, subresources?.[target.subresource], verb);
  const bare = verb === "create" && (target.name !== "" || (scope === "Namespaced" && target.namespace === ""));
  if (!isVerb(verb) || bare || action !== undefined || !(verbs?.includes(verb) ?? true)) throw methodNotSupported(groupResourceOf(place.resource), verb);
  return byVerb[verb];
}

const isVerb = (verb: string): verb is Verb => Object.hasOwn(byVerb, verb);

function subresourceEndpoint(resource: AnyResource, sub: Subresource<KubeObject> | undefined, verb: string): Endpoint {
  if (sub === undefined) throw notServed();
  if (sub.type === "connect") return connect;
  if (sub.type === "scale") return scale;
  if (sub.type === "write" && verb === "get") return get;
  if (sub.type === "write" && verb === "update") return update;
  if (sub.type === "write" && verb === "patch") return patch;
  throw methodNotSupported(groupResourceOf(resource), verb);
}

const notUpgradable = ({ place, ctx }: Call): StatusError => methodNotSupported(groupResourceOf(place.resource), ctx.info.verb);
