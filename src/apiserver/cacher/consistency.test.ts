import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { nextTurn, systemClock } from "#base/clock.ts";
import { silent } from "#base/log.ts";
import { VirtualClock } from "#base/virtual-clock.ts";
import { openSqliteStore } from "#storage/sqlite/store.ts";
import { Unavailable, type Store } from "#storage/store.ts";
import { cacheCheck, cacheDifferences, CacheDiffers } from "./consistency.ts";
import { Feed } from "./feed.ts";

const prefix = "/registry/core/pods/default/";
const write = (store: Store, name: string, value = "{}"): Promise<unknown> => store.put(`${prefix}${name}`, Buffer.from(`{"metadata":${value}}`), 0);

/** A feed over a store whose changes pass through `told`. */
async function fed(t: TestContext, told: (change: string) => boolean): Promise<{ readonly store: Store; readonly feed: Feed; readonly watched: Store }> {
  const store = await openSqliteStore({ path: ":memory:" });
  const watched: Store = { ...bound(store), async *watch(from, revision, signal) {
    for await (const { changes, upTo } of store.watch(from, revision, signal)) yield { changes: changes.filter((change) => told(change.type === "put" ? change.entry.key : change.previous.key)), upTo };
  } };
  const stop = new AbortController();
  const feed = new Feed(watched, systemClock, silent);
  const running = feed.run(stop.signal);
  t.after(async () => {
    stop.abort();
    await running;
    await store.close();
  });
  return { store, feed, watched };
}

const bound = (store: Store): Store => ({
  get: (...args) => store.get(...args), list: (...args) => store.list(...args), count: (...args) => store.count(...args), put: (...args) => store.put(...args), delete: (...args) => store.delete(...args),
  watch: (...args) => store.watch(...args), revision: () => store.revision(), compact: (before) => store.compact(before), claimCompaction: () => store.claimCompaction(), close: () => store.close(),
});

test("a cache that was told everything does not differ, over more than one page and after deletions", async (t) => {
  const { store, feed } = await fed(t, () => true);
  await Promise.all(Array.from({ length: 450 }, (_, i) => write(store, `p${i}`)));
  for (const name of ["p0", "p449"]) await store.delete(`${prefix}${name}`, (await store.get(`${prefix}${name}`)).entry?.modified ?? 0);
  await feed.fresh();
  assert.deepEqual(await cacheDifferences(feed, store), []);
});

test("a change that was not told is found: of what is new, of what is another, of what is gone", async (t) => {
  let deaf = false;
  const { store, feed } = await fed(t, () => !deaf);
  for (const name of ["a", "b", "c"]) await write(store, name);
  await feed.fresh();
  deaf = true;
  await write(store, "d");
  await store.put(`${prefix}b`, Buffer.from('{"metadata":{"x":"y"}}'), 2);
  await store.delete(`${prefix}a`, 1);
  await feed.fresh();
  assert.deepEqual(await cacheDifferences(feed, store), [
    `${prefix}b is cached of revision 2 and stored of 5 at 6`, `${prefix}d is stored and not cached at 6`, `${prefix}a is cached and not stored at 6`,
  ]);
});

test("other bytes under the same revision are found", async (t) => {
  const { store, feed, watched } = await fed(t, () => true);
  await write(store, "a");
  await feed.fresh();
  const list: Store["list"] = async (...args) => { const page = await store.list(...args); return { ...page, entries: page.entries.map((entry) => ({ ...entry, value: Buffer.from('{"metadata":{"other":1}}') })) }; };
  assert.deepEqual(await cacheDifferences(feed, { ...watched, list }), [`${prefix}a is cached with other content than is stored at 1`]);
});

test("a difference ends the check with an error; a store that is away does not", async () => {
  const clock = new VirtualClock(0);
  const answers = [async () => [], async () => { throw new Unavailable("away"); }, async () => ["x"]];
  const running = cacheCheck(async () => await (answers.shift() ?? assert.fail)() as readonly string[], clock, 1000).run(new AbortController().signal);
  const ended = assert.rejects(running, (err) => err instanceof CacheDiffers && err.message === "the watch cache differs from the store: x");
  for (let now = 1000; answers.length > 0; now += 1000) {
    clock.set(now);
    await nextTurn();
  }
  await ended;
});
