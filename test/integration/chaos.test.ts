/** Part of `bench/reliability/chaos.ts`, which has the whole day and 200 kills. `CHAOS_SEED` repeats a run. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { day } from "../support/chaos/day.ts";
import { compare } from "../support/chaos/run.ts";

const seed = Number(process.env["CHAOS_SEED"] ?? Math.floor(performance.now() * 1e6) % 2 ** 31);
const kills = 15;

test(`a day of work with ${kills} kills of the server ends as an undisturbed one (seed ${seed})`, { timeout: 300_000 }, async () => {
  // it ends after 18 minutes and what the kills have cost: no run of a CronJob is under way then, nor begins soon
  const steps = day.filter(({ short }) => short);
  const result = await compare({ steps, now: Date.parse("2026-03-28T21:04:00Z"), stepMs: 90_000, kills, seed });
  assert.deepEqual(result.wrong, []);
  assert.ok(result.kills >= kills, `${result.kills} kills`); // one more where the last of a step meets a server that was dying already
});
