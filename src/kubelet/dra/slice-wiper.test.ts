import assert from "node:assert/strict";
import { test } from "node:test";
import type { ResourceSlice } from "#api/gen/resource-v1.ts";
import { resourceSlices } from "#api/resources.ts";
import { nextTurn } from "#base/clock.ts";
import { silent } from "#base/log.ts";
import { VirtualClock } from "#base/virtual-clock.ts";
import { FakeClient } from "../fake-client.ts";
import { SliceWiper } from "./slice-wiper.ts";

/** Time goes by, and what it wakes is done. */
async function pass(clock: VirtualClock, ms: number): Promise<void> {
  clock.advance(ms);
  await nextTurn();
}

test("a driver's slices go when it has been away for 30 seconds, all of the node when the kubelet begins", async () => {
  const [client, clock, stop] = [new FakeClient(), new VirtualClock(0), new AbortController()];
  const publish = async (...names: readonly string[]): Promise<void> => {
    for (const name of names) await client.resource(resourceSlices).create({ metadata: { name }, spec: { driver: name.split("-")[0] ?? "", nodeName: name.split("-")[1] ?? "", pool: { name: "p", generation: 1, resourceSliceCount: 1 } } } as ResourceSlice);
  };
  const left = (): string => client.list("resourceslices").map(({ metadata }) => metadata.name).join(" ");
  const wiper = new SliceWiper({ client, nodeName: "n1", clock, log: silent });
  await publish("a-n1", "b-n1", "a-n2");
  const run = wiper.run(stop.signal);
  await pass(clock, 0);
  assert.equal(left(), "a-n2");

  await publish("a-n1", "b-n1");
  wiper.usable("a", false);
  await pass(clock, 20_000);
  wiper.usable("a", false); // the time runs from when it went
  wiper.usable("b", false);
  await pass(clock, 9_999);
  assert.equal(left(), "a-n2 a-n1 b-n1");
  wiper.usable("b", true);
  await pass(clock, 1);
  assert.equal(left(), "a-n2 b-n1");
  await pass(clock, 60_000);
  assert.equal(left(), "a-n2 b-n1");
  wiper.usable("b", false);
  stop.abort();
  await run;
  await pass(clock, 60_000);
  assert.equal(left(), "a-n2 b-n1");
});

test("what cannot be removed is tried again", async (t) => {
  const [clock, stop] = [new VirtualClock(0), new AbortController()];
  let tries = 0;
  const client = new FakeClient();
  t.mock.method(client, "resource", () => ({ deleteCollection: () => (++tries < 3 ? Promise.reject(new Error("not now")) : Promise.resolve()) }));
  const run = new SliceWiper({ client, nodeName: "n1", clock, log: silent }).run(stop.signal);
  for (const ms of [0, 1_000, 1_999]) await pass(clock, ms);
  assert.equal(tries, 2);
  await pass(clock, 1);
  assert.equal(tries, 3);
  stop.abort();
  await run;
});
