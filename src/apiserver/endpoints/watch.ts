import type { Clock } from "#base/clock.ts";
import type { HttpResponse } from "#base/http.ts";
import type { Places } from "#base/places.ts";
import { badRequest, expired, StatusError } from "#apimachinery/status.ts";
import { Compacted, type Revision } from "#storage/store.ts";
import type { Cache } from "../cacher/cache.ts";
import { selects, type Delivery, type Selection } from "../cacher/event.ts";
import type { Feed } from "../cacher/feed.ts";
import { mostAtOnce, replay } from "../cacher/history.ts";
import type { Item } from "../cacher/item.ts";
import { Watcher } from "../cacher/watcher.ts";
import { selectedName } from "../filters/request-info.ts";
import { bytesResponse } from "../filters/responses.ts";
import { storagePrefix } from "../registry/registry.ts";
import type { Call } from "./call.ts";
import { contentTypeOf } from "./negotiation.ts";
import { listOptions, revisionOf, type ListOptions } from "./options.ts";
import { reach } from "./page.ts";
import { selectionOf } from "./selection.ts";
import { Turns } from "./turns.ts";
import { viewOf, type View } from "./view.ts";
import { bookmarkFrame, encodeDeliveries } from "./watch-frames.ts";
import { WatchPieces, type Following, type WatchPiecesDeps } from "./watch-pieces.ts";

/** A watcher that has lost its place is told so when it reads on; one that reads nothing for this long after it is cut, and so is one that reads nothing of old history, which is read for it alone. */
const cutAfterMs = 5_000;
const bookmarkEveryMs = 60_000;
/** Without a wish a watch ends after this time or up to twice as much. Upstream: --min-request-timeout */
const defaultTimeoutMs = 1_800_000;

/** GET with `watch`: events until the client, the timeout or the server ends it. */
export async function watch(call: Call): Promise<HttpResponse> {
  const { deps, ctx, place, target, accepted } = call;
  const view = viewOf(place.resource, { ...accepted, pretty: false }, ctx.info.query, deps.clock);
  const options = withInitialEvents(listOptions(ctx.info.query, true));
  if (target.name !== "" && (selectedName(ctx.info.query) ?? target.name) !== target.name) throw badRequest("fieldSelector metadata.name doesn't match requested name");
  const selection = selectionOf(place.resource, place.namespace, options, target.name);
  const revision = revisionOf(options.resourceVersion);
  const { store, feed } = deps.storage;
  if (options.sendInitialEvents === true) await reach(feed, revision);
  else await feed.loaded;
  const cache = feed.cache(storagePrefix(place.resource));
  const { custom } = place.resource;
  const end = AbortSignal.any([ctx.request.signal, deps.stopping, ...(custom === undefined ? [] : [custom.retired])]);
  const stream = new WatchStream({ cache, feed, selection, view, options, clock: deps.clock, end, historyReaders: deps.historyReaders, sent: (events, bytes) => deps.watchEvents(place.resource, events, bytes) });
  const body = stream.frames(stream.start(revision), (from) => replay(store, cache, selection, from, end));
  return { ...bytesResponse(200, body, contentTypeOf(accepted.format, true)), cut: stream.cut };
}

/** A watch from nowhere begins with what is there. Upstream: internalversion SetListOptionsDefaults */
function withInitialEvents(options: ListOptions): ListOptions {
  const anywhere = options.resourceVersion === "" || options.resourceVersion === "0";
  return anywhere && options.sendInitialEvents === undefined ? { ...options, sendInitialEvents: true } : options;
}

interface StreamDeps {
  readonly cache: Cache; readonly feed: Feed; readonly selection: Selection; readonly view: View;
  readonly options: ListOptions; readonly clock: Clock; readonly end: AbortSignal; readonly historyReaders: Places; readonly sent: (events: number, bytes: number) => void;
}
/** `initial`: the state to tell first. `replay`: history before the ring's. */
interface Start { readonly watcher: Watcher | undefined; readonly initial: readonly Item[] | undefined; readonly from: Revision }

/** `last`: the watch ends when it rings. */
interface Alarm { readonly rang: boolean; readonly last: boolean }

class WatchStream {
  readonly #deps: StreamDeps;
  readonly #cut = new AbortController();
  readonly #over = new AbortController();
  #first = true;

  constructor(deps: StreamDeps) {
    this.#deps = deps;
  }

  /** Aborts when the client has fallen so far behind that it cannot be told what it missed, and does not read on to hear so. */
  get cut(): AbortSignal {
    return this.#cut.signal;
  }

  /** Takes a place in the ring at once, so that nothing is missed until the client begins to read. */
  start(revision: Revision | undefined): Start {
    const { cache, feed, selection, options } = this.#deps;
    const { ring } = cache;
    if (options.sendInitialEvents === true) {
      return { watcher: this.#kept(new Watcher(cache, selection, ring.end, 0)), initial: cache.list(selection.range), from: feed.revision };
    }
    const from = revision === undefined || revision === 0 ? feed.revision : revision;
    const place = ring.after(from);
    return { watcher: place === undefined ? undefined : this.#kept(new Watcher(cache, selection, place, from)), initial: undefined, from };
  }

  /** Its place is given back when the client leaves, and it is cut, also when nobody ever reads. */
  #kept(watcher: Watcher): Watcher {
    const { end } = this.#deps;
    const over = AbortSignal.any([end, this.#over.signal]);
    over.addEventListener("abort", () => watcher.close(), { once: true });
    watcher.onCut(() => this.#cutAfter(cutAfterMs, over));
    return watcher;
  }

  #cutAfter(ms: number, unless: AbortSignal): void {
    this.#deps.clock.sleep(ms, unless).then(() => this.#cut.abort(new Error("the watcher has read nothing for too long")), () => {});
  }

  frames(start: Start, history: (from: Revision) => ReturnType<typeof replay>): AsyncIterable<Uint8Array> {
    const deps = (): WatchPiecesDeps => ({
      beginning: this.#beginning(start, history), follow: (watcher) => this.#follow(watcher),
      failure: (err) => this.#failure(err, start.from), over: () => this.#over.abort(),
    });
    return { [Symbol.asyncIterator]: () => new WatchPieces(deps()) };
  }

  async *#beginning({ initial, watcher, from }: Start, history: (from: Revision) => ReturnType<typeof replay>): AsyncGenerator<Uint8Array, Watcher | undefined> {
    if (initial !== undefined) yield* this.#initial(initial, from);
    return watcher ?? (yield* this.#history(history(from)));
  }

  async *#initial(items: readonly Item[], revision: Revision): AsyncGenerator<Uint8Array> {
    const { selection, clock, options, view } = this.#deps;
    const turns = new Turns(clock);
    let [deliveries, bytes]: [Delivery[], number] = [[], 0];
    for (const item of items) {
      if (selects(selection, item)) {
        deliveries.push({ type: "ADDED", item, frames: new Map() });
        bytes += item.json.length;
      }
      if (deliveries.length < mostAtOnce.events && bytes < mostAtOnce.bytes && !turns.over) continue;
      if (deliveries.length > 0) yield this.#encode(deliveries);
      [deliveries, bytes] = [[], 0];
      await turns.next();
    }
    if (deliveries.length > 0) yield this.#encode(deliveries);
    if (options.allowWatchBookmarks && options.sendInitialEvents === true) yield bookmarkFrame(view, revision, true);
  }

  /** Events from the store until the ring can take over. */
  async *#history(events: ReturnType<typeof replay>): AsyncGenerator<Uint8Array, Watcher | undefined> {
    using reading = await this.#deps.historyReaders.take(AbortSignal.any([this.#deps.end, this.#over.signal]));
    if (reading === undefined) return undefined;
    for (;;) {
      const next = await events.next();
      if (next.done !== true) {
        const read = new AbortController();
        this.#cutAfter(cutAfterMs, AbortSignal.any([this.#deps.end, this.#over.signal, read.signal]));
        yield this.#encode(next.value);
        read.abort();
        continue;
      }
      if (next.value === undefined) return undefined;
      return this.#kept(new Watcher(this.#deps.cache, this.#deps.selection, next.value.place, next.value.after));
    }
  }

  /** The events as they come, and bookmarks between them. */
  #follow(watcher: Watcher): Following {
    const { clock, end, options, feed, view } = this.#deps;
    const closeAt = clock.now() + (options.timeoutSeconds === undefined || options.timeoutSeconds <= 0 ? defaultTimeoutMs * (1 + Math.random()) : options.timeoutSeconds * 1000);
    const left = new AbortController();
    let alarm = this.#alarm(closeAt, watcher, left.signal);
    let over = end.aborted;
    const ends = (): void => {
      over = true;
      watcher.wake();
    };
    end.addEventListener("abort", ends, { once: true });
    return {
      get over() { return over || watcher.cut; },
      take: () => {
        const deliveries = watcher.take();
        if (deliveries.length > 0) return this.#encode(deliveries);
        if (!watcher.atEnd || !alarm.rang) return undefined;
        over = alarm.last;
        if (!over) alarm = this.#alarm(closeAt, watcher, left.signal);
        return options.allowWatchBookmarks ? bookmarkFrame(view, feed.revision, false) : undefined;
      },
      [Symbol.dispose]: () => {
        left.abort();
        end.removeEventListener("abort", ends);
      },
    };
  }

  /** Wakes the watcher when the next bookmark is due, or the watch over: one timer for all the changes until then. */
  #alarm(closeAt: number, watcher: Watcher, left: AbortSignal): Alarm {
    const { clock } = this.#deps;
    const now = clock.now();
    const alarm = { rang: false, last: closeAt <= now + bookmarkEveryMs };
    const ring = (): void => {
      alarm.rang = true;
      watcher.wake();
    };
    clock.sleep(Math.max(Math.min(bookmarkEveryMs, closeAt - now), 0), left).then(ring, () => {});
    return alarm;
  }

  #encode(deliveries: readonly Delivery[]): Buffer {
    const frame = encodeDeliveries(this.#deps.view, deliveries, this.#first);
    this.#first = false;
    this.#deps.sent(deliveries.length, frame.length);
    return frame;
  }

  #failure(err: unknown, from: Revision): Buffer {
    const { view } = this.#deps;
    if (err instanceof Compacted) return view.failure(expired(`too old resource version: ${from} (${err.oldest})`));
    return view.failure(err instanceof StatusError ? err : new StatusError("InternalError", "an error on the server prevented the watch from going on"));
  }
}
