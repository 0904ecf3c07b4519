import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { nextTurn } from "#base/clock.ts";
import { silent } from "#base/log.ts";
import { VirtualClock } from "#base/virtual-clock.ts";
import { openSqliteStore } from "#storage/sqlite/store.ts";
import { Feed } from "./cacher/feed.ts";
import { eventExpiry } from "./event-expiry.ts";

const minute = 60_000;
const now = Date.parse("2026-05-01T12:00:00Z");
const bytes = (creationTimestamp: string, written?: string): Buffer => Buffer.from(JSON.stringify({ metadata: { creationTimestamp, ...(written !== undefined && { managedFields: [{ time: written }] }) } }));

/** A store with these events, and what is left of them after each wait. */
async function start(t: TestContext, events: Readonly<Record<string, Buffer>>) {
  const store = await openSqliteStore({ path: ":memory:" });
  const clock = new VirtualClock(now);
  const put = async (key: string, value: Buffer): Promise<void> => void await store.put(key, value, (await store.get(key)).entry?.modified ?? 0);
  for (const [name, value] of Object.entries(events)) await put(name, value);
  const feed = new Feed(store, clock, silent);
  const stopping = new AbortController();
  const running = Promise.all([feed.run(stopping.signal), eventExpiry({ store, feed, clock, log: silent }).run(stopping.signal)]);
  t.after(async () => { stopping.abort(); await running; await store.close(); });
  const turn = async (): Promise<void> => { for (let i = 0; i < 10; i++) await nextTurn(); };
  await turn();
  return {
    put, clock,
    after: async (minutes: number): Promise<string[]> => {
      for (let i = 0; i < minutes; i++) { clock.advance(minute); await turn(); }
      return (await store.list("/registry/")).entries.map(({ key }) => key.slice("/registry/core/".length));
    },
  };
}

test("an Event goes an hour after it was last written, and nothing else does", async (t) => {
  const at = "2026-05-01T12:00:00Z";
  const { put, after } = await start(t, { "/registry/core/events/default/a": bytes(at), "/registry/core/events/default/b": bytes(at), "/registry/core/pods/default/a": bytes(at) });
  assert.deepEqual(await after(30), ["events/default/a", "events/default/b", "pods/default/a"]);
  await put("/registry/core/events/default/b", bytes(at));
  assert.deepEqual(await after(29), ["events/default/a", "events/default/b", "pods/default/a"]);
  assert.deepEqual(await after(2), ["events/default/b", "pods/default/a"]);
  assert.deepEqual(await after(28), ["events/default/b", "pods/default/a"]);
  assert.deepEqual(await after(2), ["pods/default/a"]);
});

test("what an earlier process has left goes by when it was written", async (t) => {
  const { after } = await start(t, {
    "/registry/core/events/default/old": bytes("2026-05-01T10:00:00Z"), "/registry/core/events/default/again": bytes("2026-05-01T10:00:00Z", "2026-05-01T11:30:00Z"), "/registry/core/events/default/new": bytes("2026-05-01T11:59:00Z"),
  });
  assert.deepEqual(await after(0), ["events/default/again", "events/default/new"]);
});

test("a clock that is set forward takes no Event away", async (t) => {
  const { clock, after } = await start(t, { "/registry/core/events/default/a": bytes("2026-05-01T12:00:00Z") });
  clock.set(now + 86_400_000);
  assert.deepEqual(await after(10), ["events/default/a"]);
});
