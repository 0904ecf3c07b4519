import assert from "node:assert/strict";
import { test } from "node:test";
import type { Clock } from "#base/clock.ts";
import { RuntimeError } from "#cri/runtime.ts";
import { untilAnswers } from "./node-runtime.ts";

const refusal = new RuntimeError("Unknown", "server is not initialized yet");

/** A runtime that refuses so often, and a clock on which nothing but sleep takes time. */
function starting(refusals: number) {
  let [now, asked] = [0, 0];
  const clock: Clock = { now: () => now, sleep: async (ms) => { now += ms; } };
  const status = async (): Promise<object> => {
    asked++;
    if (asked <= refusals) throw refusal;
    return {};
  };
  return { clock, runtime: { status }, asked: () => asked, now: () => now };
}
const until = ({ runtime, clock }: ReturnType<typeof starting>): Promise<void> => untilAnswers(runtime, clock, new AbortController().signal);

test("a runtime that is not initialized yet is asked until it is", async () => {
  const started = starting(3);
  await until(started);
  assert.equal(started.asked(), 4);
});

test("one that never is ends the start with its words after half a minute", async () => {
  const started = starting(Infinity);
  await assert.rejects(until(started), refusal);
  assert.equal(started.now(), 30_000);
});
