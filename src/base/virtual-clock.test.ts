import assert from "node:assert/strict";
import { test } from "node:test";
import { VirtualClock } from "./virtual-clock.ts";

const { signal } = new AbortController();

test("sleepers wake in order, when their time has come", async () => {
  const clock = new VirtualClock(1000);
  const woken: string[] = [];
  const sleeps = [["late", 30], ["early", 10], ["middle", 20]].map(async ([name, ms]) => { await clock.sleep(Number(ms), signal); woken.push(`${name} ${clock.now()}`); });
  assert.equal(clock.nextMs, 10);
  clock.advance(20);
  await Promise.all(sleeps.slice(1));
  assert.deepEqual([woken, clock.nextMs], [["early 1020", "middle 1020"], 10]);
  clock.set(5000);
  await sleeps[0];
  assert.deepEqual([woken.at(-1), clock.nextMs, clock.now()], ["late 5000", undefined, 5000]);
});

test("who is no longer wanted wakes with the reason; time that goes back wakes nobody", async () => {
  const clock = new VirtualClock(1000);
  const stopping = new AbortController();
  const sleep = clock.sleep(10, stopping.signal);
  clock.set(0);
  assert.equal(clock.nextMs, 1010);
  stopping.abort(new Error("enough"));
  await assert.rejects(sleep, /enough/);
  await assert.rejects(clock.sleep(1, stopping.signal), /enough/);
  assert.equal(clock.nextMs, undefined);
});
