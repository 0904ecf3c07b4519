import type { HttpResponse } from "#base/http.ts";
import { bytesResponse } from "../filters/responses.ts";
import type { Item } from "../cacher/item.ts";
import { read } from "../registry/generic.ts";
import type { Call } from "./call.ts";
import { contentTypeOf } from "./negotiation.ts";
import { reach } from "./page.ts";
import { revisionOf } from "./options.ts";
import { viewOf } from "./view.ts";

/** GET of one object: the newest, or from the cache once that is as new as was asked for. */
export async function get(call: Call): Promise<HttpResponse> {
  const revision = revisionOf(call.ctx.info.query.get("resourceVersion") ?? "");
  if (revision !== undefined) await reach(call.deps.storage.feed, revision);
  return objectResponse(call, 200, await read(call.deps.storage, call.place, revision !== undefined));
}

/** One object in the shape that the client asked for. */
export function objectResponse({ deps, ctx, place, accepted }: Call, status: number, item: Item): HttpResponse {
  return bytesResponse(status, viewOf(place.resource, accepted, ctx.info.query, deps.clock).one(item), contentTypeOf(accepted.format));
}
