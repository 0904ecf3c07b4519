import assert from "node:assert/strict";
import { test } from "node:test";
import { nextTurn } from "#base/clock.ts";
import { VirtualClock } from "#base/virtual-clock.ts";
import { memorySaver } from "./memory-saver.ts";

for (const [forGood, expected] of [[false, ["kept", "--memory-saver-mode", "--no-memory-saver-mode"]], [true, ["kept", "--memory-saver-mode"]]] as const) {
  test(`memory is saved after a start, ${forGood ? "for good" : "for a while"}, once what was compiled is kept`, async () => {
    const done: string[] = [];
    const clock = new VirtualClock(0);
    const stop = new AbortController();
    const saving = memorySaver(clock, forGood, { setFlags: (flags) => done.push(flags), keepCompiled: () => done.push("kept") }).run(stop.signal);
    for (let second = 0; second < 120; second++) {
      await nextTurn();
      clock.advance(1_000);
    }
    stop.abort();
    await saving;
    assert.deepEqual(done, expected);
  });
}

test("a process that ends before is not kept from it", async () => {
  const stop = new AbortController();
  const saving = memorySaver(new VirtualClock(0), true, { setFlags: assert.fail, keepCompiled: assert.fail }).run(stop.signal);
  stop.abort();
  await saving;
});
