import type { HttpResponse } from "#base/http.ts";
import type { Item } from "../cacher/item.ts";
import { bytesResponse } from "../filters/responses.ts";
import { computedItems } from "../registry/computed.ts";
import { storagePrefix } from "../registry/registry.ts";
import type { Call } from "./call.ts";
import { contentTypeOf } from "./negotiation.ts";
import { listOptions } from "./options.ts";
import { readPage, type Page } from "./page.ts";
import { selectionOf } from "./selection.ts";
import { Turns } from "./turns.ts";
import { viewOf, type Extent, type ListMeta, type View } from "./view.ts";

/** Pieces are so small that making one does not hold the event loop. */
const pieceBytes = 128 * 1024;

/** GET of a collection. */
export async function list(call: Call): Promise<HttpResponse> {
  const { deps, ctx, place } = call;
  const options = listOptions(ctx.info.query, false);
  const selection = selectionOf(place.resource, place.namespace, options);
  const { store, feed, clock } = deps.storage;
  const computed = await computedItems(place.resource, place.namespace);
  if (computed !== undefined) return await listResponse(call, { items: computed.filter((item) => selection.matches?.(item) ?? true), revision: feed.revision });
  return await listResponse(call, await readPage({ store, feed, clock, cache: feed.cache(storagePrefix(place.resource)) }, selection, options));
}

/** A page in the shape that the client asked for: whole when it is small, else a stream. */
export async function listResponse({ place, accepted, ctx, deps }: Call, page: Page): Promise<HttpResponse> {
  const view = viewOf(place.resource, accepted, ctx.info.query, deps.clock);
  const turns = new Turns(deps.clock);
  const extent = { count: page.items.length, bytes: view.sized === true ? await bytesOf(view, page.items, turns) : 0 };
  const pieces = encodeList(view, page, extent, turns);
  const estimate = page.items.reduce((sum, item) => sum + item.json.length, 0);
  return bytesResponse(200, estimate <= pieceBytes ? Buffer.concat(await Array.fromAsync(pieces)) : pieces, contentTypeOf(accepted.format));
}

/** Encodes what is not encoded yet. */
async function bytesOf(view: View, items: readonly Item[], turns: Turns): Promise<number> {
  let bytes = 0;
  for (const item of items) {
    if (turns.over) await turns.next();
    bytes += view.element(item).length;
  }
  return bytes;
}

async function* encodeList(view: View, page: Page, extent: Extent, turns: Turns): AsyncGenerator<Buffer> {
  const metadata = listMeta(page);
  let piece: Buffer[] = [view.listHead(metadata, extent)];
  let size = 0;
  for (const [i, item] of page.items.entries()) {
    const bytes = view.element(item);
    if (i > 0) piece.push(view.separator);
    piece.push(bytes);
    size += bytes.length;
    if (size < pieceBytes && !turns.over) continue;
    yield Buffer.concat(piece);
    [piece, size] = [[], 0];
    await turns.next();
  }
  piece.push(view.listTail(metadata, extent));
  yield Buffer.concat(piece);
}

const listMeta = ({ revision, continue: token, remaining }: Page): ListMeta =>
  ({ resourceVersion: String(revision), ...(token !== undefined && { continue: token }), ...(remaining !== undefined && { remainingItemCount: remaining }) });
