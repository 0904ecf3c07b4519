import type { Clock } from "#base/clock.ts";
import type { Logger } from "#base/log.ts";
import { Compacted, FutureRevision, Unavailable, type Revision, type Step } from "../store.ts";
import type { Connection } from "./connection.ts";
import { changeOf, revisionOf } from "./entries.ts";
import { mayPass, readFault } from "./faults.ts";
import type { Event, WatchResponse } from "./gen/etcd-v3.ts";
import type { Head } from "./head.ts";
import type { Keyspace } from "./keyspace.ts";
import type { Follower, Progress } from "./progress.ts";

export interface WatchDeps { readonly connection: Connection; readonly keyspace: Keyspace; readonly head: Head; readonly progress: Progress; readonly clock: Clock; readonly log: Logger }

const firstPauseMs = 100;
const longestPauseMs = 2_000;

/**
 * As `Store.watch`. A broken stream is opened again, on another server if need be, after the last revision that was
 * told: nothing is lost, nothing told twice. A consumer that does not take holds up its own stream only; etcd waits.
 */
export async function* watch(deps: WatchDeps, prefix: string, from: Revision, signal: AbortSignal): AsyncGenerator<Step, void> {
  let position = from;
  let pauseMs = firstPauseMs;
  while (!signal.aborted) {
    try {
      const newest = await deps.head.read();
      if (position > newest) throw new FutureRevision(newest); // etcd would wait in silence; also after it was restored from a backup
      for await (const step of follow(deps, prefix, position, newest, signal)) {
        position = step.upTo;
        pauseMs = firstPauseMs;
        yield step;
      }
    } catch (err) {
      if (signal.aborted) return;
      if (err instanceof Compacted || err instanceof FutureRevision) throw err;
      if (!mayPass(err)) throw readFault(err);
      deps.log.warn({ err, prefix, position }, "a watch on etcd broke and is opened again");
      await deps.clock.sleep(pauseMs, signal).catch(() => {});
      pauseMs = Math.min(pauseMs * 2, longestPauseMs);
    }
  }
}

/** One stream, from its opening until it breaks or `signal` aborts. */
async function* follow(deps: WatchDeps, prefix: string, from: Revision, newest: Revision, signal: AbortSignal): AsyncGenerator<Step, void> {
  if (signal.aborted) return;
  const { connection, keyspace, progress } = deps;
  const stream = connection.openWatch();
  const stop = (): void => stream.cancel();
  const follower: Follower = { position: from, request: () => stream.write({ progressRequest: {} }) };
  const leave = keyspace.isWhole(prefix) ? progress.join(follower) : () => {};
  signal.addEventListener("abort", stop, { once: true });
  stream.on("error", () => {}); // told to the loop below; after its end nobody cares
  try {
    const range = keyspace.isWhole(prefix) ? keyspace.everything : keyspace.range(prefix);
    stream.write({ createRequest: { ...range, startRevision: startOf(from, newest), prevKv: true, fragment: true, progressNotify: true } });
    for await (const answer of whole(stream)) {
      const step = stepOf(keyspace, prefix, follower.position, answer);
      if (step === undefined) continue;
      follower.position = step.upTo;
      yield step;
    }
  } finally {
    signal.removeEventListener("abort", stop);
    leave();
    stream.cancel();
  }
}

/**
 * etcd is asked for `from` itself as well, which is told already: it then refuses when history begins behind `from`,
 * where a deletion right at the border would be missing. Not so when there is nothing behind `from`: such a watch would
 * not start at once. 0 would mean "from now on".
 */
const startOf = (from: Revision, newest: Revision): Revision => (from === newest ? from + 1 : Math.max(from, 1));

/**
 * The answers of a stream. One in fragments is handed on fragment by fragment, for it may be as large as all history; the
 * last revision of a fragment waits for the next one, which may hold more of it. Throws when etcd ends the watch.
 */
async function* whole(stream: AsyncIterable<WatchResponse>): AsyncGenerator<WatchResponse, void> {
  let held: readonly Event[] = [];
  for await (const answer of stream) {
    if (answer.canceled === true) throw refusal(answer);
    if (answer.created === true) continue;
    const events = [...held, ...(answer.events ?? [])];
    const newest = events.at(-1);
    const complete = answer.fragment !== true || newest === undefined ? events.length : events.findIndex((event) => revisionOf(event) === revisionOf(newest));
    held = events.slice(complete);
    if (complete > 0 || answer.fragment !== true) yield { ...answer, events: events.slice(0, complete) };
  }
}

/** An answer without events is a report of progress; of one with events, the header says nothing about how far the watch has come. */
function stepOf(keyspace: Keyspace, prefix: string, position: Revision, { header, events = [] }: WatchResponse): Step | undefined {
  const last = events.at(-1);
  const upTo = last === undefined ? (header?.revision ?? 0) : revisionOf(last);
  if (upTo <= position) return undefined;
  const ours = events.filter((event) => revisionOf(event) > position && isUnder(keyspace, prefix, event));
  return { changes: ours.map((event) => changeOf(keyspace, event)), upTo };
}

function isUnder(keyspace: Keyspace, prefix: string, { kv }: Event): boolean {
  const key = kv?.key ?? new Uint8Array();
  return Buffer.compare(key, keyspace.marker) !== 0 && keyspace.fromEtcd(key).startsWith(prefix);
}

function refusal({ compactRevision = 0, cancelReason = "" }: WatchResponse): Error {
  return compactRevision > 0 ? new Compacted(compactRevision) : new Unavailable(`etcd ended a watch: ${cancelReason}`);
}
