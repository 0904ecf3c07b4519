import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock, type Clock } from "#base/clock.ts";
import { Backoff } from "./backoff.ts";

test("back-off doubles from 10 s to 5 min and is forgotten after 10 min of quiet", () => {
  let now = 1_000_000;
  const clock: Clock = { ...systemClock, now: () => now };
  const backoff = new Backoff(clock);
  const waits: number[] = [];
  for (let i = 0; i < 7; i++) {
    backoff.next("k", now);
    waits.push(backoff.waitMs("k"));
    assert.equal(backoff.blockedUntil("k", now), now + backoff.waitMs("k"));
    now += backoff.waitMs("k");
    assert.equal(backoff.blockedUntil("k", now - backoff.waitMs("k")), undefined);
  }
  assert.deepEqual(waits, [10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000]);
  now += 700_000;
  backoff.next("k", now);
  assert.equal(backoff.waitMs("k"), 10_000);
});

test("a longest back-off below 10 s is the first one, too", () => {
  const backoff = new Backoff({ ...systemClock, now: () => 0 }, 1_000);
  for (let i = 0; i < 2; i++) {
    backoff.next("k", 0);
    assert.equal(backoff.waitMs("k"), 1_000);
  }
});
