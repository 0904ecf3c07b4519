import assert from "node:assert/strict";
import { test } from "node:test";
import { TokenBucket } from "./token-bucket.ts";
import { VirtualClock } from "./virtual-clock.ts";

test("ten at once are let in, then one each hundredth of a second", () => {
  const clock = new VirtualClock(0);
  const bucket = new TokenBucket(clock, { burst: 10, perSecond: 100 });
  const allowed = (): number => Array.from({ length: 20 }, () => bucket.take()).filter(Boolean).length;
  assert.equal(allowed(), 10);
  clock.advance(30);
  assert.equal(allowed(), 3);
  clock.advance(10_000);
  assert.equal(allowed(), 10);
});
