import type { HttpResponse } from "#base/http.ts";
import { isStatus } from "#apimachinery/status.ts";
import type { Item } from "../cacher/item.ts";
import { remove } from "../registry/remove.ts";
import { storagePrefix } from "../registry/registry.ts";
import type { Call } from "./call.ts";
import { deleterOf } from "./delete.ts";
import { readDeletion, type Deletion } from "./delete-options.ts";
import { listResponse } from "./list.ts";
import { listOptions } from "./options.ts";
import { readPage } from "./page.ts";
import { selectionOf } from "./selection.ts";

const atOnce = 16;

/** DELETE of all objects that the selectors match. The answer lists them. Upstream: apiserver/pkg/registry/generic/registry/store.go DeleteCollection */
export async function deleteCollection(call: Call): Promise<HttpResponse> {
  const { ctx, deps, place } = call;
  const options = listOptions(ctx.info.query, false);
  const deletion = await readDeletion(ctx);
  const selection = selectionOf(place.resource, place.namespace, options);
  const { store, feed, clock } = deps.storage;
  const page = await readPage({ store, feed, clock, cache: feed.cache(storagePrefix(place.resource)) }, selection, options);
  const removed: Item[] = [];
  for (let i = 0; i < page.items.length; i += atOnce) {
    const done = await Promise.all(page.items.slice(i, i + atOnce).map((item) => removeOne(call, item, deletion)));
    removed.push(...done.filter((item) => item !== undefined));
  }
  return await listResponse(call, { items: removed, revision: page.revision });
}

/** One that is gone already is no failure. */
async function removeOne(call: Call, item: Item, deletion: Deletion): Promise<Item | undefined> {
  try {
    const place = { resource: call.place.resource, namespace: item.namespace, name: item.name };
    return (await remove(call.deps.storage, place, deletion.options, deleterOf(call, deletion))).item;
  } catch (err) {
    if (isStatus(err, "NotFound")) return undefined;
    throw err;
  }
}
