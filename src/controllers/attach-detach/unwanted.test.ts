import assert from "node:assert/strict";
import { test } from "node:test";
import { VirtualClock } from "#base/virtual-clock.ts";
import { Unwanted } from "./unwanted.ts";

test("what waits is counted from the first look, and anew after a look that did not ask for it", () => {
  const clock = new VirtualClock(1_000);
  const unwanted = new Unwanted(clock);
  const look = (...asked: readonly string[]): readonly number[] => asked.map(unwanted.look("v"));
  assert.deepEqual(look("a"), [0]);
  clock.advance(60_000);
  assert.deepEqual(look("a", "b"), [60_000, 0]);
  clock.advance(60_000);
  assert.deepEqual(look("b"), [60_000]);
  clock.advance(60_000);
  assert.deepEqual(look("a", "b"), [0, 120_000], "a was wanted in between");
  assert.deepEqual(["b"].map(unwanted.look("another")), [0], "volumes have nothing to do with each other");
});
