import type { HttpResponse } from "#base/http.ts";
import type { Item } from "../cacher/item.ts";
import { bytesResponse } from "../filters/responses.ts";
import { storagePrefix } from "../registry/registry.ts";
import type { Call } from "./call.ts";
import { negotiate } from "./negotiation.ts";
import { listOptions } from "./options.ts";
import { readPage, type Page } from "./page.ts";
import { selectionOf } from "./selection.ts";
import { viewOf, type View } from "./view.ts";

/** Pieces are so small that making one does not hold the event loop. */
const pieceBytes = 128 * 1024;
const comma = Buffer.from(",");

/** GET of a collection. */
export async function list(call: Call): Promise<HttpResponse> {
  const { deps, ctx, place } = call;
  const view = viewOf(place.resource, negotiate(ctx.request.headers["accept"], true), ctx.info.query, deps.clock);
  const options = listOptions(ctx.info.query, false);
  const selection = selectionOf(place.resource, place.namespace, options);
  const { store, feed } = deps.storage;
  const page = await readPage({ store, feed, cache: feed.cache(storagePrefix(place.resource)) }, selection, options);
  const size = page.items.reduce((sum, item) => sum + item.json.length, 0);
  const pieces = encodeList(view, page);
  return bytesResponse(200, size <= pieceBytes ? Buffer.concat([...pieces]) : spaced(pieces));
}

function* encodeList(view: View, page: Page): Generator<Buffer> {
  let piece: Buffer[] = [Buffer.from(view.listHead(listMeta(page)))];
  let size = 0;
  let first = true;
  for (const item of page.items as readonly Item[]) {
    const bytes = view.element(item);
    if (!first) piece.push(comma);
    piece.push(bytes);
    first = false;
    size += bytes.length;
    if (size < pieceBytes) continue;
    yield Buffer.concat(piece);
    [piece, size] = [[], 0];
  }
  piece.push(Buffer.from(view.listTail));
  yield Buffer.concat(piece);
}

/** Others get their turn between two pieces. */
async function* spaced(pieces: Iterable<Buffer>): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) {
    yield piece;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const listMeta = ({ revision, continue: token, remaining }: Page): string =>
  JSON.stringify({ resourceVersion: String(revision), ...(token !== undefined && { continue: token }), ...(remaining !== undefined && { remainingItemCount: remaining }) });
