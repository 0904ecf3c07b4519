import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "#base/clock.ts";
import { ResetLimit } from "./reset-limit.ts";

/** How many of `asked` resets pass, one every `everyMs`. */
function passing(asked: number, everyMs: number): number {
  let now = 1000;
  const limit = new ResetLimit({ ...systemClock, now: () => now });
  for (let n = 0; n < asked; n++, now += everyMs) if (limit.passed()) return n;
  return asked;
}

const cases: readonly [what: string, asked: number, everyMs: number, passing: number][] = [
  ["a burst is cut", 100_000, 0, 500], ["so is what goes on faster than a client does", 100_000, 10, 745], ["watches that end now and then go on for ever", 100_000, 31, 100_000],
];
for (const [what, asked, everyMs, want] of cases) test(what, () => assert.equal(passing(asked, everyMs), want));
