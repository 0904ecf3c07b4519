import type { HttpResponse } from "#base/http.ts";
import { create as createObject } from "../registry/generic.ts";
import { readObject } from "./body.ts";
import { writerOf, type Call } from "./call.ts";
import { objectResponse } from "./get.ts";
import { writeOptions } from "./options.ts";

/** POST of a new object. */
export async function create(call: Call): Promise<HttpResponse> {
  const { ctx, deps, place } = call;
  const { dryRun, fieldValidation } = writeOptions(ctx.info.query, "CreateOptions");
  const object = await readObject(ctx, place.resource, fieldValidation);
  return objectResponse(call, 201, await createObject(deps.storage, place, object, writerOf(call, dryRun)));
}
