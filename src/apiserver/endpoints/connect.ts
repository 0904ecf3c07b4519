import type { Duplex } from "node:stream";
import type { HttpResponse } from "#base/http.ts";
import { methodNotAllowed, StatusError } from "#apimachinery/status.ts";
import type { Connect, ConnectTarget } from "../connect/connect.ts";
import { read } from "../registry/generic.ts";
import { attributesOf } from "../registry/writes.ts";
import { writerOf, type Call } from "./call.ts";

/** A subresource that lies behind the server: logs, exec, attach, port-forward, proxies. */
export async function connect(call: Call): Promise<HttpResponse> {
  const { behind, target } = await admitted(call);
  return await behind.http(call.ctx.request, target);
}

/** The same for a request that takes over its connection. */
export async function connectUpgrade(call: Call, socket: Duplex, head: Buffer): Promise<void> {
  const { behind, target } = await admitted(call);
  await behind.upgrade(call.ctx.request, target, socket, head);
}

async function admitted(call: Call): Promise<{ readonly behind: Connect; readonly target: ConnectTarget }> {
  const { deps, place, target } = call;
  const { resource } = place;
  const rule = resource.subresources?.[target.subresource];
  if (rule?.type !== "connect") throw methodNotAllowed();
  if (deps.connect === undefined) throw new StatusError("ServiceUnavailable", "this server has no way to its nodes");
  await admit(call);
  return {
    behind: deps.connect,
    target: {
      resource: resource.names.plural as ConnectTarget["resource"], subresource: target.subresource as ConnectTarget["subresource"],
      namespace: target.namespace, name: target.name, path: target.rest,
    },
  };
}

/** Proxies may name a port beside the object; whether it exists is then the connection's question. */
async function admit(call: Call): Promise<void> {
  const { deps, place, target } = call;
  const old = target.subresource === "proxy" ? undefined : (await read(deps.storage, place)).parse();
  const attributes = attributesOf(deps.storage, writerOf(call, false), place, "CONNECT", target.subresource, old);
  await deps.storage.admission.admit(attributes, undefined);
  await deps.storage.admission.validate(attributes, undefined);
}
