import type { HttpResponse } from "#base/http.ts";
import type { KubeObject } from "#apimachinery/meta.ts";
import { badRequest, methodNotAllowed } from "#apimachinery/status.ts";
import { update as updateObject, type Update } from "../registry/generic.ts";
import { readObject } from "./body.ts";
import { writerOf, type Call } from "./call.ts";
import { objectResponse } from "./get.ts";
import { writeOptions } from "./options.ts";

/** PUT of an object, or of its part behind a subresource. */
export async function update(call: Call): Promise<HttpResponse> {
  const { ctx, deps, place } = call;
  const { dryRun, fieldValidation } = writeOptions(ctx.info.query, "UpdateOptions");
  const object = await readObject(ctx, place.resource, fieldValidation);
  checkName(object, place.name);
  const change: Update = { ...subresourceOf(call), ...(object.metadata.uid !== undefined && { uid: object.metadata.uid }), next: () => structuredClone(object) };
  const { item, created } = await updateObject(deps.storage, place, change, writerOf(call, dryRun));
  return objectResponse(call, created ? 201 : 200, item);
}

/** Upstream: apiserver/pkg/endpoints/handlers/rest.go checkName */
export function checkName({ metadata }: KubeObject, name: string): void {
  if (!metadata.name) throw badRequest(`the name of the object (${name} based on URL) was undeterminable: name must be provided`);
  if (metadata.name !== name) throw badRequest(`the name of the object (${metadata.name}) does not match the name on the URL (${name})`);
}

/** The writing subresource of the URL, if it names one. */
export function subresourceOf({ place, target }: Call): Pick<Update, "subresource"> {
  if (target.subresource === "") return {};
  const write = place.resource.subresources?.[target.subresource];
  if (write?.type !== "write") throw methodNotAllowed();
  return { subresource: { name: target.subresource, write } };
}
