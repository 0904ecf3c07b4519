import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "#base/clock.ts";
import { silent } from "#base/log.ts";
import { openSqliteStore } from "#storage/sqlite/store.ts";
import { Unavailable } from "#storage/store.ts";
import { Feed } from "./feed.ts";

test("who waits for a change is told when the feed ends, and so is who comes later", async () => {
  const store = await openSqliteStore({ path: ":memory:" });
  store.watch = (_prefix, _from, signal) => ({ [Symbol.asyncIterator]: () => ({ next: () => silence(signal) }) });
  const stop = new AbortController();
  const feed = new Feed(store, systemClock, silent);
  const running = feed.run(stop.signal);
  await feed.loaded;
  await store.put("/registry/core/pods/default/a", Buffer.from('{"metadata":{}}'), 0);
  const waiting = assert.rejects(feed.fresh(), Unavailable);
  stop.abort();
  await running;
  await waiting;
  await assert.rejects(feed.fresh(), Unavailable);
  await store.close();
});

/** A watch that tells of nothing until it ends. */
const silence = (signal: AbortSignal): Promise<IteratorResult<never>> =>
  new Promise((resolve) => signal.addEventListener("abort", () => resolve({ done: true, value: undefined })));
