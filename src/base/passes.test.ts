import assert from "node:assert/strict";
import { test } from "node:test";
import { oneAtATime } from "./passes.ts";

test("passes do not overlap, and however often one is asked for meanwhile, one follows", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  let passes = 0, atOnce = 0, most = 0;
  const run = oneAtATime(async () => {
    passes++;
    most = Math.max(most, ++atOnce);
    await promise;
    atOnce--;
  });
  const first = run();
  await Promise.all([run(), run()]);
  resolve();
  await first;
  assert.deepEqual([passes, most], [2, 1]);
  await run();
  assert.equal(passes, 3);
});

test("a pass that fails is over", async () => {
  let fails = true;
  const run = oneAtATime(async () => { if (fails) throw new Error("no"); });
  await assert.rejects(run(), /no/);
  fails = false;
  await run();
});
