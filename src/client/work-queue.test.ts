import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import { systemClock } from "#base/clock.ts";
import { RateLimiter } from "./rate-limiter.ts";
import { WorkQueue } from "./work-queue.ts";

const pause = (ms = 5) => systemClock.sleep(ms, AbortSignal.timeout(5_000));

function start(t: TestContext, workers: number, work: (key: string) => Promise<void>) {
  const queue = new WorkQueue(systemClock);
  const stop = new AbortController();
  const running = queue.run(stop.signal, workers, work);
  t.after(async () => { stop.abort(); await running; });
  return queue;
}

describe("the work queue", () => {
  test("holds a key once", async (t) => {
    const done: string[] = [];
    const queue = start(t, 1, async (key) => { done.push(key); });
    for (const key of ["a", "b", "a", "a"]) queue.add(key);
    await pause();
    assert.deepEqual(done, ["a", "b"]);
  });

  test("works once more on a key that was added meanwhile, never twice at once", async (t) => {
    let now = 0;
    let most = 0;
    let runs = 0;
    const queue = start(t, 4, async () => {
      most = Math.max(most, ++now);
      runs++;
      await pause();
      now--;
    });
    queue.add("a");
    await pause(1);
    for (let i = 0; i < 5; i++) queue.add("a");
    await pause(30);
    assert.deepEqual([most, runs, queue.busy], [1, 2, false]);
  });

  test("works on at most so many keys at a time", async (t) => {
    let now = 0;
    let most = 0;
    const queue = start(t, 3, async () => { most = Math.max(most, ++now); await pause(2); now--; });
    for (let i = 0; i < 20; i++) queue.add(`k${i}`);
    while (queue.busy) await pause();
    assert.equal(most, 3);
  });

  test("adds later, at the earliest of several times", async (t) => {
    const done: string[] = [];
    const queue = start(t, 1, async (key) => { done.push(key); });
    queue.addAfter("a", 60_000);
    queue.addAfter("a", 10);
    queue.addAfter("b", 60_000);
    await pause(50);
    assert.deepEqual(done, ["a"]);
  });

  test("ends with its signal, after the work under way", async () => {
    const queue = new WorkQueue(systemClock);
    const stop = new AbortController();
    let finished = false;
    const running = queue.run(stop.signal, 2, async () => { await pause(10); finished = true; });
    queue.add("a");
    queue.addAfter("b", 60_000);
    await pause(1);
    stop.abort();
    await running;
    assert.deepEqual([finished, queue.busy], [true, false]);
  });
});

describe("the rate limiter", () => {
  const frozen = { now: () => 1_000_000, sleep: async () => {} };

  test("doubles the wait of a key until it is forgotten", () => {
    const limiter = new RateLimiter(frozen);
    assert.deepEqual(Array.from({ length: 5 }, () => limiter.when("a")), [5, 10, 20, 40, 80]);
    assert.equal(limiter.when("b"), 5);
    limiter.forget("a");
    assert.equal(limiter.when("a"), 5);
    for (let i = 0; i < 40; i++) limiter.when("c");
    assert.equal(limiter.when("c"), 1_000_000);
  });

  test("lets a burst through and then so many a second over all keys", () => {
    const limiter = new RateLimiter(frozen, { burst: 3, perSecond: 10 });
    assert.deepEqual(["a", "b", "c", "d", "e"].map((key) => limiter.when(key)), [5, 5, 5, 100, 200]);
  });
});
