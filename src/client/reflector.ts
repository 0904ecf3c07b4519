import type { KubeObject } from "#apimachinery/meta.ts";
import { isStatus } from "#apimachinery/status.ts";
import type { Clock } from "#base/clock.ts";
import { loop } from "#base/component.ts";
import { messageOf } from "#base/error-message.ts";
import type { Logger } from "#base/log.ts";
import { Backoff } from "./backoff.ts";
import type { ListQuery, ResourceClient, WatchEvent } from "./client.ts";

/** Where a reflector writes what it sees. Called in the order of the server's history, never concurrently. */
export interface Sink<T extends KubeObject> {
  /** All objects that there are at this revision; what is not among them is gone. */
  replace(items: readonly T[], resourceVersion: string): void;
  apply(event: Exclude<WatchEvent<T>, { readonly type: "BOOKMARK" }>): void;
  /** Nothing that concerns us has happened up to this revision. */
  bookmark(resourceVersion: string): void;
}

/** The shortest time after which a watch is asked to end, so that connections are spread over servers. Upstream: client-go minWatchTimeout */
const minWatchSeconds = 300;

/**
 * Lists and watches one resource until the signal aborts. Nothing is lost: a broken watch goes on from the
 * last revision seen, and where the server has forgotten that revision (410) everything is listed again.
 */
export async function reflect<T extends KubeObject>(
  resource: ResourceClient<T>, query: ListQuery, sink: Sink<T>, { clock, log, signal }: { readonly clock: Clock; readonly log: Logger; readonly signal: AbortSignal },
): Promise<void> {
  const backoff = new Backoff(100, 5_000);
  let from: string | undefined;
  await loop(signal, async () => {
    try {
      if (from === undefined) {
        const list = await resource.list(query, signal);
        sink.replace(list.items, list.resourceVersion);
        from = list.resourceVersion;
      }
      from = await follow(resource, query, from, sink, backoff, signal);
    } catch (err) {
      if (signal.aborted) return;
      if (err instanceof Follow) from = err.reached;
      const cause = err instanceof Follow ? err.cause : err;
      if (isStatus(cause, "Expired", "Gone")) from = undefined;
      log.debug({ err: messageOf(cause) }, "watch interrupted");
      await clock.sleep(backoff.next(), signal);
    }
  });
}

/** A watch that broke, and how far it had come. */
class Follow extends Error {
  readonly reached: string;

  constructor(reached: string, cause: unknown) {
    super("watch broke", { cause });
    this.reached = reached;
  }
}

async function follow<T extends KubeObject>(resource: ResourceClient<T>, query: ListQuery, from: string, sink: Sink<T>, backoff: Backoff, signal: AbortSignal): Promise<string> {
  let reached = from;
  const timeoutSeconds = Math.round(minWatchSeconds * (1 + Math.random()));
  try {
    for await (const event of resource.watch({ ...query, resourceVersion: from, allowWatchBookmarks: true, timeoutSeconds }, signal)) {
      backoff.reset();
      if (event.type === "BOOKMARK") sink.bookmark(event.resourceVersion);
      else sink.apply(event);
      reached = event.type === "BOOKMARK" ? event.resourceVersion : (event.object.metadata.resourceVersion ?? reached);
    }
  } catch (err) {
    throw new Follow(reached, err);
  }
  if (reached === from) throw new Follow(reached, new Error("the watch ended without an event")); // a server that ends watches at once must not be asked in a tight loop
  return reached;
}
