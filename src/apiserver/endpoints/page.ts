import type { Clock } from "#base/clock.ts";
import { badRequest, expired, StatusError } from "#apimachinery/status.ts";
import { Compacted, FutureRevision, type Revision, type Store } from "#storage/store.ts";
import type { Cache } from "../cacher/cache.ts";
import { selects, type Selection } from "../cacher/event.ts";
import type { Feed } from "../cacher/feed.ts";
import { Item } from "../cacher/item.ts";
import { Turns } from "./turns.ts";
import { decodeContinue, encodeContinue, ExpiredContinue, invalidToken } from "./continue-token.ts";
import { revisionOf, type ListOptions } from "./options.ts";

/** One page of a list, all of one revision. `remaining`: objects behind it, where that is known. */
export interface Page { readonly items: readonly Item[]; readonly revision: Revision; readonly continue?: string; readonly remaining?: number }
export interface Source { readonly store: Store; readonly feed: Feed; readonly cache: Cache; readonly clock: Clock }

/** How long a client waits for a revision that is not there yet. Upstream: cacher blockTimeout */
const waitMs = 3000;
const storePage = 500;

/** Throws BadRequest, Expired, and Timeout for a revision from the future. */
export async function readPage(source: Source, selection: Selection, options: ListOptions): Promise<Page> {
  if (options.continue !== "") return await nextPage(source, selection, options);
  const revision = revisionOf(options.resourceVersion);
  if (options.resourceVersionMatch === "Exact" && revision !== undefined) {
    await notInFuture(source.feed, revision);
    return await pageAt(source, selection, revision, "", options.limit, () => expired(`The resourceVersion for the provided list is too old.`));
  }
  await reach(source.feed, revision);
  return await fromCache(source, selection, source.feed.revision, "", options.limit);
}

/** Waits until the cache is as new as was asked for; without a wish, as new as the last acknowledged write. */
export async function reach(feed: Feed, revision: Revision | undefined): Promise<void> {
  if (revision === undefined) await feed.fresh();
  else if (revision === 0) await feed.loaded;
  else await notInFuture(feed, revision);
}

async function notInFuture(feed: Feed, revision: Revision): Promise<void> {
  if (await feed.reached(revision, waitMs)) return;
  throw new StatusError("Timeout", `Timeout: Too large resource version: ${revision}, current: ${feed.revision}`, {
    causes: [{ reason: "ResourceVersionTooLarge", message: "Too large resource version" }], retryAfterSeconds: 1,
  });
}

async function nextPage(source: Source, selection: Selection, options: ListOptions): Promise<Page> {
  if (options.resourceVersion !== "" && options.resourceVersion !== "0") throw badRequest("specifying resource version is not allowed when using continue");
  const token = decodeContinue(options.continue);
  const after = source.cache.prefix + token.after;
  if (!after.startsWith(selection.range)) throw invalidToken(": the key is outside of the list");
  await source.feed.fresh();
  const revision = token.revision === -1 ? source.feed.revision : token.revision;
  if (revision > source.feed.revision) throw invalidToken(": incorrect encoded start resourceVersion (version meta.k8s.io/v1)");
  return await pageAt(source, selection, revision, after, options.limit, () => new ExpiredContinue(token.after));
}

/** From the cache while it still is what it was at `revision`, else from the store's history. */
async function pageAt(source: Source, selection: Selection, revision: Revision, after: string, limit: number, gone: () => StatusError): Promise<Page> {
  if (source.cache.changed <= revision && revision <= source.feed.revision && source.cache.changed !== 0) {
    try {
      await source.store.list(`${selection.range}\0`, { at: revision, limit: 1 }); // compacted or not: the answer must not depend on what is cached
    } catch (err) {
      throw translate(err, gone);
    }
    return await fromCache(source, selection, revision, after, limit);
  }
  try {
    return await fromStore(source, selection, revision, after, limit);
  } catch (err) {
    throw translate(err, gone);
  }
}

const translate = (err: unknown, gone: () => StatusError): unknown => {
  if (err instanceof Compacted) return gone();
  return err instanceof FutureRevision ? new StatusError("Timeout", `Timeout: Too large resource version: current: ${err.newest}`, { retryAfterSeconds: 1 }) : err;
};

/** What matches is looked for in turns: an object is parsed when it is first selected by. */
async function fromCache({ cache, clock }: Source, selection: Selection, revision: Revision, after: string, limit: number): Promise<Page> {
  const candidates = cache.list(selection.range, after);
  const most = limit > 0 ? limit : Infinity;
  if (selection.matches === undefined && candidates.length <= most) return { items: candidates, revision };
  const turns = new Turns(clock);
  const items: Item[] = [];
  let seen = 0;
  for (const item of candidates) {
    if (items.length >= most) break;
    if (turns.over) await turns.next();
    seen++;
    if (selection.matches?.(item) ?? true) items.push(item);
  }
  return pageOf(cache.prefix, selection, items, revision, candidates[seen - 1]?.key, candidates.length - seen);
}

async function fromStore({ store, cache }: Source, selection: Selection, at: Revision, after: string, limit: number): Promise<Page> {
  const items: Item[] = [];
  let last = after;
  for (;;) {
    const want = limit > 0 ? Math.min(limit - items.length, storePage) : storePage;
    const page = await store.list(selection.range, { at, limit: want, ...(last !== "" && { after: last }) });
    for (const entry of page.entries) {
      last = entry.key;
      const item = new Item(cache.prefix, entry.key, entry.value, entry.modified);
      if (selects(selection, item)) items.push(item);
    }
    if (!page.more) return { items, revision: at };
    if (limit > 0 && items.length >= limit) return pageOf(cache.prefix, selection, items, at, last, page.remaining);
  }
}

function pageOf(prefix: string, selection: Selection, items: readonly Item[], revision: Revision, last: string | undefined, remaining: number): Page {
  if (remaining === 0 || last === undefined) return { items, revision };
  const token = encodeContinue({ revision, after: last.slice(prefix.length) });
  return { items, revision, continue: token, ...(selection.matches === undefined && { remaining }) };
}
