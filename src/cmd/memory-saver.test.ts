import assert from "node:assert/strict";
import { test } from "node:test";
import { nextTurn } from "#base/clock.ts";
import { VirtualClock } from "#base/virtual-clock.ts";
import { memorySaver, type Use } from "./memory-saver.ts";

const MiB = 2 ** 20;
const [on, off] = ["--memory-saver-mode", "--no-memory-saver-mode"];
const resting = (): Use => ({ cpuMs: 0, residentBytes: 100 * MiB });
/** Busy from the second minute to the fifth, half a core of it, after which it holds so much. */
const busyOnce = (residentBytes: number) => (second: number): Use => ({ cpuMs: 500 * Math.min(Math.max(second - 60, 0), 180), residentBytes: second > 90 ? residentBytes : 100 * MiB });
/** Never calm: a fifth of a core. */
const neverCalm = (second: number): Use => ({ cpuMs: 200 * second, residentBytes: (100 + second) * MiB });

const cases: readonly (readonly [string, boolean, (second: number) => Use, readonly string[]])[] = [
  ["once after a start", false, resting, ["10 kept", `10 ${on}`, `35 ${off}`]],
  ["for good, by a process that does not feel it", true, resting, ["10 kept", `10 ${on}`]],
  ["again once a busy time is over that has left something", false, busyOnce(132 * MiB), ["10 kept", `10 ${on}`, `35 ${off}`, `255 ${on}`, `280 ${off}`]],
  ["not again when little was left", false, busyOnce(131 * MiB), ["10 kept", `10 ${on}`, `35 ${off}`]],
  ["not while there is much to do", false, neverCalm, ["10 kept", `10 ${on}`, `35 ${off}`]],
];

for (const [title, forGood, use, expected] of cases) {
  test(`memory is saved ${title}`, async () => {
    const done: string[] = [];
    let second = 0;
    const say = (what: string): void => { done.push(`${second} ${what}`); };
    const clock = new VirtualClock(0);
    const stop = new AbortController();
    const saving = memorySaver(clock, forGood, { use: () => use(second), setFlags: say, keepCompiled: () => { say("kept"); } }).run(stop.signal);
    for (; second < 600; ) {
      await nextTurn();
      second++;
      clock.advance(1_000);
    }
    stop.abort();
    await saving;
    assert.deepEqual(done, expected);
  });
}

test("a process that ends before is not kept from it", async () => {
  const stop = new AbortController();
  const saving = memorySaver(new VirtualClock(0), true, { use: assert.fail, setFlags: assert.fail, keepCompiled: assert.fail }).run(stop.signal);
  stop.abort();
  await saving;
});
