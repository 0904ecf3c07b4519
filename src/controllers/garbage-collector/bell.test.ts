import assert from "node:assert/strict";
import { test } from "node:test";
import { VirtualClock } from "#base/virtual-clock.ts";
import { Bell } from "./bell.ts";

const never = new AbortController().signal;

test("a bell wakes its waiter, is heard late, and is over after its time", async () => {
  const clock = new VirtualClock(0);
  const bell = new Bell(clock);
  bell.ring();
  bell.ring();
  assert.equal(await bell.wait(1_000, never), true, "what rang before is heard");
  const waiting = bell.wait(1_000, never);
  bell.ring();
  assert.equal(await waiting, true);
  const silent = bell.wait(1_000, never);
  clock.advance(1_000);
  assert.equal(await silent, false, "once for all that rang");
});
