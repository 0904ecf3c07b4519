import assert from "node:assert/strict";
import { test } from "node:test";
import { restartWaitMs } from "./restart-wait.ts";

test("what ends is started again at once when it was well, after a growing wait when it was not", () => {
  const lives = [10_000, 9_999, 0, 0, 0, 10_000, 0];
  const waits: number[] = [];
  for (const livedMs of lives) waits.push(restartWaitMs(waits.at(-1) ?? 0, livedMs));
  assert.deepEqual(waits, [0, 500, 1_500, 3_000, 3_000, 0, 500]);
});
