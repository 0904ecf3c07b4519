/** R13 of the reliability bench in small: watchers that never read, while the history that the server keeps for them goes by. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock, type Clock } from "#base/clock.ts";
import { eventually } from "#base/waiting.ts";
import { startApiServer } from "../support/api-server.ts";
import { megabyte, memory } from "../support/memory.ts";
import { readingWatcher, sentAt, silentWatchers } from "../support/watchers.ts";

const collection = "/api/v1/namespaces/default/configmaps";
const open = /^apiserver_longrunning_requests\{verb="WATCH",group="",version="v1",resource="configmaps",[^}]*\} (\d+)$/m;
/** A server that begins to wait for those who do not read when all are there, and whose seconds are short then. */
const allThere = Promise.withResolvers<void>();
const hasty: Clock = { now: () => systemClock.now(), sleep: (ms, signal) => (ms === 5_000 ? allThere.promise.then(() => systemClock.sleep(1_000, signal)) : systemClock.sleep(ms, signal)) };

test("watchers that never read are cut, cost little, and take nothing from one who reads", { timeout: 120_000 }, async (t) => {
  const server = await startApiServer(t, { clock: hasty });
  const address = { port: server.port, ca: server.ca.cert, ...server.certificate("admin", "system:masters") };
  const [events, eventBytes] = [160, 100_000]; // twice what is kept of one resource
  const filler = "x".repeat(eventBytes);
  let revision = "";
  const change = async (i: number): Promise<void> => {
    const body = { metadata: { name: `c${i % 10}` }, data: { at: sentAt(), filler } };
    const { metadata } = await (i < 10 ? server.admin.json<{ metadata: { resourceVersion: string } }>("POST", collection, { body }) : server.admin.json<{ metadata: { resourceVersion: string } }>("PUT", `${collection}/c${i % 10}`, { body }));
    revision = metadata.resourceVersion;
  };
  const watching = async (): Promise<number> => Number(open.exec((await server.admin("GET", "/metrics")).text)?.[1] ?? 0);
  for (let i = 0; i < 100; i++) await change(i); // more than is kept, so that some begin in history
  const before = memory();
  const stop = new AbortController();
  const reading = readingWatcher(server.admin, collection, revision, stop.signal);
  const from = ["", `&resourceVersion=${revision}`, "&resourceVersion=0", `&resourceVersion=${Number(revision) - 95}`];
  const silent = await silentWatchers(address, Array.from({ length: 40 }, (_, i) => `${collection}?watch=1${from[i >> 1 & 3]}`)); // each of them over either protocol
  t.after(() => silent.close());
  await eventually(async () => assert.equal(await watching(), 41));
  allThere.resolve();
  for (let i = 0; i < events; i++) await change(100 + i);
  await eventually(async () => assert.equal(await watching(), 1));
  await eventually(async () => assert.deepEqual(reading.seen, { events, cut: 0 }));
  stop.abort();
  const held = memory().held - before.held;
  assert.ok(held < 40 * megabyte, `${Math.round(held / megabyte)} MB are held`);
});
