import assert from "node:assert/strict";
import { test } from "node:test";
import { VirtualClock } from "#base/virtual-clock.ts";
import { Requests } from "./requests.ts";

test("ten requests at once are let in, then one each hundredth of a second", () => {
  const clock = new VirtualClock(0);
  const requests = new Requests(clock);
  const allowed = (): number => Array.from({ length: 20 }, () => requests.allow()).filter(Boolean).length;
  assert.equal(allowed(), 10);
  clock.advance(30);
  assert.equal(allowed(), 3);
  clock.advance(10_000);
  assert.equal(allowed(), 10);
});
